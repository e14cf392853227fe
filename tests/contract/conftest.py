"""Every database that the platform can be kept in: the same tests run on each."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from common.callers import CallerStore
from common.db.engine import make_engine
from common.db.migrate import migrate

_USUAL_POSTGRESQL = "postgresql+psycopg://postgres@127.0.0.1:5432/test"


class SteppingClock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def step(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@cache
def _postgresql() -> str | None:
    url = os.environ.get("TEST_POSTGRESQL_URL", _USUAL_POSTGRESQL)
    engine = create_engine(url, connect_args={"connect_timeout": 3})
    try:
        with engine.connect():
            return url
    except OperationalError:
        return None
    finally:
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database (PostgreSQL: of an empty schema) of this test's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'backbone.db'}"
        return
    url = _postgresql()
    if url is None:
        pytest.skip(
            "no PostgreSQL: set TEST_POSTGRESQL_URL, or run "
            "`docker run -p 5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust -e POSTGRES_DB=test "
            "postgres`"
        )
    schema = f"backbone_{secrets.token_hex(6)}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    parsed = make_url(url).update_query_dict({"options": f"-c search_path={schema}"})
    yield parsed.render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


@pytest.fixture
def new_engine(database_url: str) -> Iterator[Callable[[], Engine]]:
    """Makes further engines of the same database, as other processes would."""
    made: list[Engine] = []

    def make() -> Engine:
        made.append(make_engine(database_url))
        return made[-1]

    yield make
    for engine in made:
        engine.dispose()


@pytest.fixture
def engine(new_engine: Callable[[], Engine]) -> Engine:
    """An engine of a migrated database with the callers `alice` and `bob`."""
    engine = new_engine()
    migrate(engine)
    return engine


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
def alice(engine: Engine, clock: SteppingClock) -> str:
    return CallerStore(engine, clock).ensure("alice").id


@pytest.fixture
def bob(engine: Engine, clock: SteppingClock) -> str:
    return CallerStore(engine, clock).ensure("bob").id


@pytest.fixture
def counting(engine: Engine) -> Callable[[], contextlib.AbstractContextManager[list[str]]]:
    """Collects the statements that the engine executes while it is open."""

    @contextlib.contextmanager
    def collect() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        yield statements
        event.remove(engine, "before_cursor_execute", note)

    return collect


@pytest.fixture
def race() -> Callable[..., list[Any]]:
    """Runs steps in threads, at the same instant; what each returned or raised."""

    def run_all(*steps: Callable[[], Any]) -> list[Any]:
        barrier = threading.Barrier(len(steps))
        outcomes: list[Any] = [None] * len(steps)

        def run(number: int) -> None:
            barrier.wait()
            try:
                outcomes[number] = steps[number]()
            except Exception as error:  # noqa: BLE001 - it is what the test looks at
                outcomes[number] = error

        threads = [threading.Thread(target=run, args=(number,)) for number in range(len(steps))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return outcomes

    return run_all
