"""The search that follows the whole suite finds what it is there to find."""

from __future__ import annotations

import re
import secrets
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


@pytest.mark.parametrize("what", ["id", "prefix", "sha256"])
async def test_what_the_database_keeps_of_a_key_is_none(api: MountedApi, what: str) -> None:
    key = api.key("validate")
    assert (await api.get("/api/v1/status", headers=key)).status_code == 200
    with api.engine.connect() as connection:
        query = f"SELECT {what} FROM api_keys WHERE origin != 'settings'"  # noqa: S608 - see above
        (kept,) = connection.exec_driver_sql(query).one()
    answer = await api.get("/api/v1/status", headers={"X-API-Key": kept})
    assert answer.status_code == 401
