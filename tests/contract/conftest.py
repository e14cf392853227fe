"""Every database that the platform can be kept in, and the API as its callers meet it."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import io
import json
import os
import re
import secrets
import shutil
import socket
import threading
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from anyio.to_thread import run_sync
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from api.app import create_app
from api.edge import Edge
from api.protocol import BoundedProtocol
from common.artifacts import output_key
from common.callers import CallerStore
from common.db.engine import make_engine
from common.db.migrate import migrate
from common.jobs.claims import Claim, Findings, JobClaims
from common.jobs.job import ArtifactFacts, JobError, Stage, VerificationFacts
from common.jobs.retention import Retention
from common.jobs.wakes import Tell, nobody
from common.keys.store import KeyStore
from common.security import TokenSigner, create_access_token
from common.settings import Settings
from tests.contract.gate_guests import SOCKETS, Opened
from workers.engines import Engines, Throwaway

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


API_KEY = "the-key-of-the-default-caller-in-tests"
JWT_SECRET = "a-secret-that-signs-tokens-in-tests-only"

NOTES: dict[str, Any] = {
    "project_name": "notes",
    "db_type": "sqlite",
    "schema": [
        {
            "table_name": "notes",
            "class_name": "Note",
            "columns": [
                {"name": "id", "type": "Integer", "primary_key": True},
                {"name": "title", "type": "String", "length": 200, "nullable": False},
            ],
        }
    ],
}


_DESCRIBED: dict[bool, dict[str, Any]] = {}


class MountedApi:
    """The API as callers meet it, on stores of its own, and the stores themselves beside it."""

    def __init__(self, settings: Settings, clock: SteppingClock, address: str) -> None:
        self.settings = settings
        self.clock = clock
        self.app = create_app(settings, clock=clock)
        self.services = self.app.state.services
        self.engine = make_engine(settings.effective_database_url)
        self.callers = CallerStore(self.engine, clock)
        self.keys = KeyStore(self.engine, clock)
        self.signer = TokenSigner(JWT_SECRET, settings.jwt_algorithm)
        self.good = {"X-API-Key": API_KEY}
        self.client = self.from_address(address)

    def from_address(self, address: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=(address, 4321))
        return httpx.AsyncClient(
            transport=transport,
            base_url="http://backbone.test",
            event_hooks={"response": [self._is_as_documented]},
        )

    @property
    def described(self) -> dict[str, Any]:
        """What `/openapi.json` says, worked out once: it varies with authentication alone."""
        auth = self.settings.enable_auth
        if auth not in _DESCRIBED:
            _DESCRIBED[auth] = self.app.openapi()
        return _DESCRIBED[auth]

    async def _is_as_documented(self, answer: httpx.Response) -> None:
        """Whatever a test is about: no answer may be one that /openapi.json does not tell of."""
        path, method = answer.request.url.path, answer.request.method.lower()
        for template, operations in self.described["paths"].items():
            pattern = re.escape(template).replace(r"\{path\}", ".+")
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", pattern)
            if re.fullmatch(pattern, path) and method in operations:
                break
        else:
            return
        if answer.status_code == 500:
            return
        documented = operations[method]["responses"]
        assert str(answer.status_code) in documented, (method, path, answer.status_code)
        content = documented[str(answer.status_code)].get("content", {})
        sent = answer.headers.get("content-type", "").partition(";")[0]
        assert sent in content if sent else not content, (method, path, sent, list(content))

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """With the good key, unless `headers` say otherwise."""
        return await self.client.get(path, **({"headers": self.good} | more))

    async def post(self, path: str, document: object = None, **more: Any) -> httpx.Response:
        """Likewise; `document` goes as JSON, without saying so."""
        if document is not None:
            more["content"] = json.dumps(document)
        return await self.client.post(path, **({"headers": self.good} | more))

    def key(self, *scopes: str, caller: str = "default", **more: Any) -> dict[str, str]:
        """The header with a fresh key that has these scopes."""
        whose = self.callers.ensure(caller)
        made = self.keys.create_key(whose, name="test", scopes=scopes, **more)
        return {"X-API-Key": made.secret}

    async def settle(self) -> None:
        """Return when all is done that requests have left to be done later."""
        done = threading.Event()
        self.services.later.run(done.set)
        await run_sync(done.wait)

    def bearer(self, **claims: Any) -> dict[str, str]:
        """The header with a token of these claims, signed with the real secret."""
        claims.setdefault("sub", "default")
        token = create_access_token(
            claims, timedelta(hours=1), signer=self.signer, now=self.clock()
        )
        return {"Authorization": f"Bearer {token}"}

    async def submit(self, document: object = NOTES, **more: Any) -> str:
        """The id of a fresh job."""
        answer = await self.post("/api/v1/generate", document, **more)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    async def submit_batch(self, lines: Any, query: str = "", **more: Any) -> httpx.Response:
        """The answer to a batch of these lines: documents, whole lines, or bytes as they are."""
        if not isinstance(lines, bytes):
            lines = b"\n".join(
                json.dumps({"custom_id": f"line-{number}", "body": line}).encode()
                if isinstance(line, dict) and "body" not in line
                else json.dumps(line).encode()
                for number, line in enumerate(lines, start=1)
            )
        headers = {"Content-Type": "application/jsonl"} | self.good | more.pop("headers", {})
        return await self.client.post(
            f"/api/v1/batches{query}", content=lines, headers=headers, **more
        )

    def lose_database(self) -> None:
        """Leave nothing where the database was that could be opened."""
        path = Path(str(self.engine.url.database))
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        path.mkdir()
        self.services.database.dispose()  # it opens its connections anew

    def claim(self, job_id: str, tell: Tell = nobody) -> tuple[JobClaims, Claim]:
        """Be the worker that takes the job."""
        claims = JobClaims(
            self.engine,
            self.clock,
            retention=Retention.from_settings(self.settings),
            lease_seconds=15,
            tell=tell,
        )
        claim = claims.claim(job_id, "worker@test")
        assert claim is not None
        return claims, claim

    def fail(self, claims: JobClaims, claim: Claim, **found: Any) -> None:
        """Be the worker that gives up; `found` are Findings."""
        error = JobError("checks_failed", "A check failed.", Stage.VERIFY, retryable=False)
        claims.fail(claim, error, Findings(**found))

    def finish(self, job_id: str, files: dict[str, str], *, failed: bool = False) -> bytes:
        """Be the worker that does the job; the bytes of the zip."""
        claims, claim = self.claim(job_id)
        key = output_key(job_id, claim.fence)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for path, text_of_file in files.items():
                archive.writestr(path, text_of_file)
        content = buffer.getvalue()
        self.services.artifacts.put(f"{key}/project.zip", content)
        self.services.artifacts.put(f"{key}/report.json", b'{"level": "full", "checks": []}')
        findings = Findings(key, VerificationFacts("full", 7, int(failed), 0))
        if failed:
            self.fail(claims, claim, output_key=key, verification=findings.verification)
        else:
            facts = ArtifactFacts(len(files), len(content), hashlib.sha256(content).hexdigest())
            claims.succeed(claim, facts, findings)
        return content


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database that is up to date and empty, to be copied: migrating takes its time."""
    path = tmp_path_factory.mktemp("migrated") / "backbone.db"
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
async def start_api(
    tmp_path: Path, clock: SteppingClock, migrated_file: Path
) -> AsyncIterator[Callable[..., Awaitable[MountedApi]]]:
    """Starts the API with settings of the test's own; every one of them is stopped at the end."""
    async with contextlib.AsyncExitStack() as running:

        async def start(*, address: str = "203.0.113.7", **settings: Any) -> MountedApi:
            defaults = {
                "data_dir": tmp_path / "data",
                "api_key": API_KEY,
                "jwt_secret_key": JWT_SECRET,
            }
            made = Settings(_env_file=None, **(defaults | settings))
            made.data_dir.mkdir(exist_ok=True)
            if made.database_url is None and not (made.data_dir / migrated_file.name).exists():
                shutil.copy(migrated_file, made.data_dir)
            api = MountedApi(made, clock, address)
            await running.enter_async_context(api.app.router.lifespan_context(api.app))
            await running.enter_async_context(api.client)
            running.callback(api.engine.dispose)
            return api

        yield start


@pytest.fixture
async def api(start_api: Callable[..., Awaitable[MountedApi]]) -> MountedApi:
    """The API with the settings that everybody gets."""
    return await start_api()


@pytest.fixture
def port(api: MountedApi) -> Iterator[int]:
    """The port at which the API is served by uvicorn, as the stack serves it."""
    listening = socket.create_server(("127.0.0.1", 0))
    http = partial(BoundedProtocol, edge=Edge(api.app, api.services))
    server = uvicorn.Server(
        uvicorn.Config(api.app, http=http, ws="none", lifespan="off", log_config=None)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()


@pytest.fixture
async def stored_api(
    start_api: Callable[..., Awaitable[MountedApi]], database_url: str
) -> MountedApi:
    """The API on each database, with limits that no test of anything else meets."""
    high = "100000/minute"
    return await start_api(
        database_url=database_url, rate_limit_authenticated=high, rate_limit_generation=high
    )


@pytest.fixture
def notes() -> dict[str, Any]:
    """A small document without faults, to be changed at will."""
    return copy.deepcopy(NOTES)


@pytest.fixture
def opened(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Opens a throwaway database: what it is, and the path of the gate's socket."""

    @contextlib.contextmanager
    def open_one(db_type: str) -> Iterator[tuple[Throwaway, str]]:
        if not engines.has(db_type):
            pytest.skip(f"no {db_type} server")  # said in full by the fixture `db_type`
        folder = tmp_path_factory.mktemp("g")
        with engines.throwaway(db_type, folder, str(folder)) as made:
            (place,) = folder.iterdir()
            yield made, str(place / SOCKETS[db_type])

    return open_one
