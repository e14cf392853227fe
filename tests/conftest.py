"""What tests of several folders use: a Valkey of their own, and a whole running platform."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from httpx._config import DEFAULT_TIMEOUT_CONFIG

from backbone import bundled_valkey
from backbone.background_stack import BackgroundStack
from backbone.ports import answers, choose
from backbone.supervisor import Supervisor
from common import clock
from common.settings import environment_without_settings
from tests.own_valkey import OwnValkey
from tests.secrets_search import ArgumentWatch, find_in
from workers.engines import Engines

_ENOUGH_SECONDS = 60.0
_LONG_SECONDS = 3600.0
_SERVERS = {
    "postgresql": (
        "TEST_POSTGRESQL_URL",
        "postgresql://postgres@127.0.0.1:5432/postgres",
        "docker run -p 5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres",
    ),
    "mysql": (
        "TEST_MARIADB_URL",
        "mysql://root@127.0.0.1:3306/mysql",
        "docker run -p 3306:3306 -e MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1 mariadb",
    ),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is long gets long, unless it says how long itself."""
    for item in items:
        if item.get_closest_marker("long") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(_LONG_SECONDS))


_WATCH = pytest.StashKey[ArgumentWatch]()
_LEAKS = pytest.StashKey[list[str]]()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Watch what processes are started with (in the one process that is told to run tests)."""
    if not hasattr(session.config, "workerinput"):
        session.config.stash[_WATCH] = ArgumentWatch()
        session.config.stash[_WATCH].start()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """When all tests are over: none of their secrets may stand in what they left behind."""
    watch = session.config.stash.get(_WATCH, None)
    if watch is None or session.config.option.collectonly:
        return
    factory: pytest.TempPathFactory = session.config._tmp_path_factory  # type: ignore[attr-defined]
    leaks = [*watch.stop(), *find_in(factory.getbasetemp())]
    session.config.stash[_LEAKS] = leaks
    if leaks:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say where secrets were found."""
    for leak in config.stash.get(_LEAKS, []):
        terminalreporter.write_line(f"SECRET LEFT BEHIND {leak}", red=True)


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_this_machine() -> Iterator[None]:
    """Tests depend on no setting of whoever runs them."""
    kept = dict(os.environ)
    clean = environment_without_settings()
    for name in set(os.environ) - set(clean):
        del os.environ[name]
    yield
    os.environ.update(kept)


@pytest.fixture(autouse=True, scope="session")
def _patient_clients() -> None:
    """Who asks a server that stands still for a while, with all of this machine, waits for it."""
    for what in ("connect", "read", "write", "pool"):
        setattr(DEFAULT_TIMEOUT_CONFIG, what, _ENOUGH_SECONDS)


@pytest.fixture(scope="session")
def is_running() -> Callable[[int], bool]:
    """Tells whether a process runs; one that is dead and only waits to be reaped does not."""

    def running(process_id: int) -> bool:
        try:
            status = Path(f"/proc/{process_id}/status").read_text(encoding="utf-8")
        except FileNotFoundError:
            return False
        return "State:\tZ" not in status

    return running


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a bundled Valkey on a free port, for this run of the tests alone."""
    folder = tmp_path_factory.mktemp("valkey")
    port = choose("127.0.0.1", 0, setting="a test")
    password = "a-password-that-only-tests-know"
    supervisor = Supervisor(lambda _name, _line: None)
    supervisor.start(bundled_valkey.valkey_program(folder, port, password))
    deadline = clock.monotonic() + _ENOUGH_SECONDS
    try:
        while not answers("127.0.0.1", port):
            supervisor.turn(0.02)
            assert clock.monotonic() < deadline
        yield bundled_valkey.valkey_url(port, password)
    finally:
        supervisor.stop()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[OwnValkey]:
    """A running Valkey of this test's own, to be treated badly."""
    server = OwnValkey(tmp_path / "valkey")
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackgroundStack]:
    """The whole platform, running, with limits too high to be met by accident."""
    folder = tmp_path_factory.mktemp("stack")
    high = "100000/minute"
    settings = {
        "RATE_LIMIT_PUBLIC": high,
        "RATE_LIMIT_AUTHENTICATED": high,
        "RATE_LIMIT_GENERATION": high,
        "RATE_LIMIT_VALIDATION": high,
    }
    with BackgroundStack(folder, settings) as running:
        yield running


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """The database servers of this machine, or those that the environment names."""
    urls: dict[str, str | None] = {}
    for name, (variable, usual, _) in _SERVERS.items():
        urls[name] = os.environ.get(variable)
        if urls[name] is None:
            with Engines({name: None}) as local:
                urls[name] = None if local.has(name) else usual
    with Engines(urls) as found:
        yield found


@pytest.fixture(params=list(_SERVERS))
def db_type(request: pytest.FixtureRequest, engines: Engines) -> str:
    """Each kind of database that there is a server for."""
    name: str = request.param
    if not engines.has(name):
        variable, _, command = _SERVERS[name]
        pytest.skip(f"no {name} server: set {variable}, or run `{command}`")
    return name
