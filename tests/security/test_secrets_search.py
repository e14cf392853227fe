"""The search that follows the whole suite finds what it is there to find."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.contract.conftest import API_KEY, JWT_SECRET, MountedApi
from tests.secrets_search import ArgumentWatch, find_in


def test_secrets_in_logs_databases_and_zips_are_found(tmp_path: Path, api: MountedApi) -> None:
    folder = tmp_path / "left"
    folder.mkdir()
    key = api.key("generate")["X-API-Key"]
    token = api.bearer(scopes=[])["Authorization"]
    (folder / "api.log").write_text(f"a line\nevent=x key={key}\n", encoding="utf-8")
    (folder / "up.log").write_text(f"event=y authorization={token}", encoding="utf-8")
    (folder / "innocent.log").write_text("bb_short, eyJ.eyJ.x", encoding="utf-8")
    (folder / "secrets.json").write_text(key, encoding="utf-8")
    with sqlite3.connect(folder / "backbone.db") as database:
        database.execute("CREATE TABLE t (c TEXT)")
        database.execute("INSERT INTO t VALUES (?)", (API_KEY,))
    database.close()
    with zipfile.ZipFile(folder / "project.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("app/settings.py", JWT_SECRET)
    found = sorted(Path(leak.partition(": ")[0]).name for leak in find_in(folder))
    for path in folder.iterdir():  # or the search after all tests would find them, too
        path.unlink()
    assert found == ["api.log", "backbone.db", "settings.py", "up.log"]


def test_secrets_in_arguments_are_found() -> None:
    planted = secrets.token_hex(16)  # no real one: the watch over all tests would find it, too
    process = subprocess.Popen([sys.executable, "-c", "input()", planted], stdin=subprocess.PIPE)
    try:
        watch = ArgumentWatch(re.compile(planted.encode()))
        watch.look()
    finally:
        process.communicate(b"\n")
    assert len(watch.found) == 1


WATCH = """
import re
import tests.conftest
from tests.secrets_search import ArgumentWatch

# For another word than the real ones: the watch over all tests would find those, too
tests.conftest.ArgumentWatch = lambda: ArgumentWatch(re.compile(b"planted-for-a-while"))
"""
PLANTS = """
import subprocess, sys, time
from tests.conftest import _WATCH
from tests.secrets_search import KNOWN

def test_that_leaves_nothing(tmp_path):
    (tmp_path / "kept.log").write_bytes(b"a line")

def test_that_leaves_a_file(tmp_path):
    (tmp_path / "kept.log").write_bytes(b"a line with " + KNOWN[0])

def test_that_starts_a_process(request):
    command = [sys.executable, "-c", "input()", "planted-for-a-while"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        until = time.monotonic() + 60
        while not request.config.stash[_WATCH].found and time.monotonic() < until:
            time.sleep(0.1)
        process.communicate(b"\\n")
"""


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("leaves_nothing", None),
        ("leaves_a_file", r"SECRET LEFT BEHIND \S+/kept\.log: the-key-of-t… at byte 12\n"),
        ("starts_a_process", r"SECRET LEFT BEHIND arguments of \S*python\S*\n"),
    ],
    ids=["nothing", "a file", "arguments"],
)
def test_a_run_that_leaves_a_secret_behind_fails_though_its_tests_pass(
    tmp_path: Path, root: Path, name: str, found: str | None
) -> None:
    """With the hooks of all tests, in a run of its own."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "conftest.py").write_text(WATCH)
    (tmp_path / "test_plants.py").write_text(PLANTS)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    command += ["-c", tmp_path / "pytest.ini", "--basetemp", tmp_path / "left", "-k", name]
    environment = {key: it for key, it in os.environ.items() if not key.startswith("PYTEST_")}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    ended = subprocess.run(
        [*command, tmp_path / "test_plants.py"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    shutil.rmtree(
        tmp_path / "left", ignore_errors=True
    )  # or the search after all tests would find it, too
    assert "1 passed" in ended.stdout, ended.stdout + ended.stderr
    assert ended.returncode == (1 if found else 0)
    assert bool(re.search(found or "SECRET LEFT BEHIND", ended.stdout)) is bool(found)


@pytest.mark.parametrize("what", ["id", "prefix", "sha256"])
async def test_what_the_database_keeps_of_a_key_is_none(api: MountedApi, what: str) -> None:
    key = api.key("validate")
    assert (await api.get("/api/v1/status", headers=key)).status_code == 200
    with api.engine.connect() as connection:
        query = f"SELECT {what} FROM api_keys WHERE origin != 'settings'"  # noqa: S608 - see above
        (kept,) = connection.exec_driver_sql(query).one()
    answer = await api.get("/api/v1/status", headers={"X-API-Key": kept})
    assert answer.status_code == 401
