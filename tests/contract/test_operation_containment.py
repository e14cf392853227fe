"""Bodies that try to break out, with the gate taken out of their way: what the sandbox holds back.

Each is shown to the gate first, which lets in none but the honest one and the endless loop. What
happens within the project's own process (monkey-patching, decorators, defaults) the sandbox does
not hold back; `tests/unit/document/test_body_*.py` show what the gate does about it.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from backbone.checkout import checkout_cache
from common.document.gate import Body, BodyError, check_body
from common.document.limits import DocumentLimits
from common.document.read import read_document
from workers.plan import make_plan
from workers.plan.operations import Implementation
from workers.sandbox.sandbox import Sandbox, open_sandbox
from workers.stages.operation_trials import Bench, TrialOutcome

SECRET = "the-secret-of-the-platform"
SECONDS = 60
EXAMPLES = [
    {"call": {"text": text}, "expect": {"returns": {"told": "nothing at all"}}}
    for text in ("a", "b", "c")
]
DOCUMENT = {
    "project_name": "attacked",
    "db_type": "sqlite",
    "schema": [
        {
            "table_name": "notes",
            "class_name": "Note",
            "columns": [{"name": "id", "type": "Integer", "primary_key": True}],
        }
    ],
    "operations": [
        {
            "name": "tell",
            "method": "POST",
            "description": "Tell something.",
            "input": {"text": "String"},
            "returns": {"told": "String"},
            "examples": EXAMPLES,
        }
    ],
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(checkout_cache()) as opened:
        if not {"bubblewrap", "namespaces"} & set(opened.layers):
            pytest.skip("no isolation here: sysctl -w user.max_user_namespaces=10000")
        yield opened


HARMLESS = 'return {"told": "nothing at all"}'
ENDLESS = "while True:\n    pass"


def attack(sandbox: Sandbox, code: str, *imports: str, seconds: float = SECONDS) -> TrialOutcome:
    """Have `code` run as the body, on the first example that would be shown to a model."""
    reading = read_document(DOCUMENT, DocumentLimits())
    assert reading.document is not None
    assert reading.resolved is not None
    plan = make_plan(reading.resolved)
    [operation] = plan.operations
    if code not in {HARMLESS, ENDLESS}:
        with pytest.raises(BodyError, match="not on the list"):
            check_body("\n".join((*imports, code)), operation.signature, operation.words)
    body = Body(source=code, imports=imports, models=(), statuses=())
    bench = Bench(plan, reading.document, sandbox, lambda: False, seconds=seconds)
    assert bench.is_isolated
    shown = operation.without_held_back()[:1]
    return bench.try_on({"tell": shown}, {"tell": Implementation(body, "an attacker")})


def still_works(sandbox: Sandbox) -> bool:
    return attack(sandbox, HARMLESS).passed


def test_an_honest_body_passes(sandbox: Sandbox) -> None:
    assert still_works(sandbox)


def test_files_outside_can_not_be_read(sandbox: Sandbox, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o644)
    for path in (secret, Path(__file__).resolve()):
        told = attack(sandbox, f'return {{"told": Path({str(path)!r}).read_text()}}', PATHLIB)
        assert not told.passed
        assert "FileNotFoundError" in told.findings or "PermissionError" in told.findings
        assert SECRET not in told.findings.replace(str(path), "")


PATHLIB = "from pathlib import Path"


def test_the_platforms_environment_and_database_are_not_there(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/{SECRET}.db")
    (tmp_path / f"{SECRET}.db").write_bytes(b"rows")
    with open_sandbox(checkout_cache()) as started_now:
        for opened in (sandbox, started_now):
            told = attack(opened, 'return {"told": repr(sorted(os.environ.items()))}', "import os")
            assert "JWT_SECRET" in told.findings  # so it did tell
            assert SECRET not in told.findings
    told = attack(sandbox, f'return {{"told": repr(os.listdir({str(tmp_path)!r}))}}', "import os")
    assert "FileNotFoundError" in told.findings or "PermissionError" in told.findings


def test_the_network_can_not_be_reached(sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = server.getsockname()
        told = attack(
            sandbox,
            f'socket.create_connection({address!r}).close()\nreturn {{"told": "nothing at all"}}',
            "import socket",
        )
        assert not told.passed
        assert "PermissionError" in told.findings or "OSError" in told.findings
        with pytest.raises(TimeoutError):
            server.accept()


def test_other_processes_can_not_be_seen_or_ended(sandbox: Sandbox) -> None:
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as victim:
        for process in (victim.pid, os.getpid()):
            told = attack(
                sandbox, f'os.kill({process}, 9)\nreturn {{"told": "nothing at all"}}', "import os"
            )
            assert not told.passed
        assert victim.poll() is None
    assert still_works(sandbox)


def test_a_fork_bomb_is_over_soon(sandbox: Sandbox) -> None:
    told = attack(sandbox, "while True:\n    os.fork()", "import os", seconds=6)
    assert not told.passed
    assert still_works(sandbox)


def test_memory_has_an_end(sandbox: Sandbox) -> None:
    told = attack(sandbox, 'return {"told": str(len(bytearray(64 * 1024**3)))}')
    assert not told.passed
    assert "MemoryError" in told.findings
    assert still_works(sandbox)


def test_an_endless_loop_is_ended(sandbox: Sandbox) -> None:
    told = attack(sandbox, ENDLESS, seconds=4)
    assert not told.passed
    assert "took longer than 4 s" in told.findings
    assert told.failed_examples == frozenset()
    assert still_works(sandbox)


def test_the_examples_that_are_held_back_are_not_there(sandbox: Sandbox) -> None:
    code = """
    files = sorted(Path("tests").rglob("*.py"))
    told = "".join(file.read_text() for file in files)
    return {"told": ",".join(re.findall(r"test_example_(\\d+)", told))}
    """
    told = attack(sandbox, textwrap.dedent(code).strip(), PATHLIB, "import re")
    reading = read_document(DOCUMENT, DocumentLimits())
    assert reading.resolved is not None
    examples = reading.resolved.operations[0].examples
    shown = [number for number, one in enumerate(examples, 1) if not one.held_back]
    assert len(shown) == 2
    assert f"'told': '{shown[0]}'" in told.findings


def test_nothing_outside_can_be_written(sandbox: Sandbox, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    code = f'Path({str(tmp_path / "left")!r}).write_text("x")\nreturn {{"told": "nothing at all"}}'
    assert not attack(sandbox, code, PATHLIB).passed
    assert list(tmp_path.iterdir()) == []
