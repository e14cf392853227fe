"""A job of the sandbox with chosen layers alone, so that each shows what it stops by itself."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

INSIDE = Path(__file__).parents[2] / "workers" / "sandbox"
LIMITS = {
    "cpu_seconds": 20,
    "memory_bytes": 400_000_000,
    "file_bytes": 1_000_000,
    "folder_bytes": 8_000_000,
    "folder_files": 100,
    "open_files": 40,
    "processes": 16,
}
READABLE = ["/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", sys.prefix, sys.base_prefix]

JOB = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from inside.job import Job, start_job

layers, folder, code, limits, readable = json.loads(sys.argv[2])
heard, told = os.pipe()
project = os.memfd_create("project")
os.write(project, b"{}")

def attack(job):
    try:
        exec(compile(code, "attack", "exec"), {"Path": Path, "os": os})
    except BaseException as error:
        return {"said": f"{type(error).__name__}: {error}"}

job = Job(
    "attack", {}, limits, told, 2, (project,), Path(folder), tuple(readable), frozenset(layers)
)
process = start_job(job, attack, (heard,))
os.close(told)
with os.fdopen(heard, "rb") as file:
    lines = file.read().splitlines()
code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
held = json.loads(lines[0])["layers"]
said = json.loads(lines[1])["said"] if len(lines) > 1 else f"ended with {code}"
print(json.dumps([held, said]))
"""


def attack(
    layers: Iterable[str], folder: Path, code: str, **values: object
) -> tuple[list[str], str]:
    """The layers that held, and what `code` raised (`SystemExit: …` to say something).

    `values` are its variables; `folder` has to be new, and is the job's own.
    """
    folder.mkdir()
    said = "".join(f"{name} = {value!r}\n" for name, value in values.items())
    given = [sorted(layers), str(folder), said + textwrap.dedent(code), LIMITS, READABLE]
    done = subprocess.run(
        [sys.executable, "-I", "-c", JOB, str(INSIDE), json.dumps(given)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    held, told = json.loads(done.stdout)
    return held, told
