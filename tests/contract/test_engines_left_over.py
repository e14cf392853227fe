"""What a process that died left on a server is removed by the next one; nothing else ever is."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from pathlib import Path

import pytest

from common import clock
from workers.engines import Engines
from workers.engines.names import PREFIX, is_left_over, new_name
from workers.engines.server import Credentials

DYING = """
import os, sys
from pathlib import Path
from workers.engines import Engines

db_type = sys.argv[1]
folder = Path(sys.argv[2])
engines = Engines({db_type: sys.argv[3] or None})
with engines.throwaway(db_type, folder, str(folder)) as made:
    print(made.name, flush=True)
    os.kill(os.getpid(), 9)
"""


def test_what_a_killed_process_made_is_removed(
    engines: Engines, db_type: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    address = engines._candidates[db_type][0]
    url = _url(db_type, address)
    died = subprocess.run(
        [sys.executable, "-c", DYING, db_type, str(tmp_path_factory.mktemp("g")), url],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    name = died.stdout.strip()
    assert died.returncode == -9, died.stderr
    server = engines._servers[db_type]
    assert name in server.names()
    stranger = Credentials(f"{PREFIX}of_somebody_{secrets.token_hex(2)}", "x")
    server.create(stranger)
    try:
        with Engines({db_type: url or None}) as later:
            assert later.has(db_type)
            later.settle()
        assert name not in server.names()
        assert stranger.name in server.names()
    finally:
        server.drop(stranger.name)


def _url(db_type: str, address: object) -> str:
    socket, host = getattr(address, "socket", None), getattr(address, "host", "")
    user, password = getattr(address, "user", ""), getattr(address, "password", "")
    secret = f":{password}" if password else ""
    port, database = getattr(address, "port", 0), getattr(address, "database", "")
    if socket is None:
        return f"{db_type}://{user}{secret}@{host}:{port}/{database}"
    place = f"host={Path(socket).parent}" if db_type == "postgresql" else f"unix_socket={socket}"
    return f"{db_type}://{user}{secret}@/{database}?{place}"


def test_a_name_of_a_process_that_runs_is_left_alone() -> None:
    name = new_name()
    assert not is_left_over(name)
    assert len(name) <= 32


def test_a_name_is_left_over_when_its_process_is_gone_or_it_is_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = new_name()
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    with monkeypatch.context() as patched:
        patched.setattr("os.getpid", lambda: gone.pid)
        dead = new_name()
    assert is_left_over(dead)
    elsewhere = dead.replace(dead.split("_")[3], "00000")
    assert not is_left_over(elsewhere)
    later = clock.now().fromtimestamp(time.time() + 2 * 86_400, tz=clock.now().tzinfo)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert is_left_over(elsewhere)
    assert is_left_over(name)


@pytest.mark.parametrize("name", ["postgres", "mysql", "bb_check", "bb_check_", "bb_check_x_y_z_w"])
def test_other_names_are_never_ours(name: str) -> None:
    assert not is_left_over(name)
