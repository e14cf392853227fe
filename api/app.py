"""The API, wired: stores, limits, routes, and the one layer around them."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Callable
from functools import cache, partial
from importlib.metadata import version

import orjson
from celery import Celery
from fastapi import FastAPI
from sqlalchemy import Engine

from api.addresses import Addresses
from api.auth import Authenticator
from api.batch_intake import BatchIntake, BatchLimits
from api.bodies import LargeBodies
from api.cross_origin import CrossOrigin, make_cross_origin
from api.dependencies import Services
from api.desk import Desk
from api.dispatch import Dispatcher
from api.entry import Entry
from api.envelope import Envelope
from api.error_handlers import install_error_handlers
from api.failures import Failures
from api.health import HealthCheck
from api.hosts import Hosts
from api.job_counts import JobCounter
from api.later import Later
from api.metrics import Metrics
from api.openapi import install_openapi
from api.rate_limits import RateLimits
from api.recorder import Recorder
from api.routes import (
    admin_callers,
    admin_jobs,
    admin_keys,
    batch_results,
    batches,
    design,
    docs,
    events,
    files,
    generate,
    health,
    jobs,
    retry,
    status,
    submit_batch,
    tokens,
    usage,
    validate,
)
from api.routes.unknown import unknown_router
from api.unread import ReadTheRest
from api.waiting import JobWatch
from api.wake_ear import WakeEar
from common.artifacts import ArtifactStore
from common.batches.results import ResultReader
from common.batches.store import BatchStore
from common.callers import DEFAULT, LOCAL, CallerStore
from common.capabilities import CapabilityReader
from common.clock import Clock, now
from common.db.engine import make_engine
from common.db.migrate import migrate
from common.document.limits_in_force import limits_in_force
from common.errors import BackboneError
from common.jobs.admission import Admission
from common.jobs.events import EventReader
from common.jobs.overview import JobOverview
from common.jobs.recovery import recover
from common.jobs.revisions import RevisionReader
from common.jobs.store import JobStore
from common.jobs.wakes import Wakes, nobody
from common.keys.api_key_setting import adopt_setting
from common.keys.key import Credential
from common.keys.reader import KeyReader
from common.keys.store import KeyStore
from common.llm.counters import read_counts
from common.llm.estimate import Estimator
from common.llm.quota import Quotas
from common.llm.spending import SpendingReader
from common.queue import make_celery, send_job
from common.safe_settings import refuse_unsafe
from common.secrets_in_text import Redactor, secrets_of
from common.security import TokenSigner, signer_from
from common.security_events import SecurityEvent, SecurityLog
from common.security_events import read_counts as read_event_counts
from common.settings import Settings, SettingsError, find_misspelt, read_settings
from common.telemetry import set_up_logging
from common.tokens import TokenReader

_log = logging.getLogger("backbone.security")

_DESCRIPTION = "From a data model to a FastAPI and SQLAlchemy backend that has been proven to work."


def create_app(settings: Settings, *, clock: Clock = now) -> FastAPI:
    """The API for `settings`; brings the database up to date.

    Raises SettingsError for settings that are not safe to start with, TransientError when there
    is no database or no place for artifacts.
    """
    refuse_unsafe(settings)
    signer = _signer(settings)
    Addresses(settings.trusted_proxies)
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
    limits = RateLimits(settings, redis_url=redis_url, clock=clock)
    engine = _open_database(settings)
    callers = CallerStore(engine, clock)
    callers.ensure(LOCAL)
    _adopt_api_key(engine, callers, settings, clock)
    wakes = Wakes(redis_url) if redis_url else None
    store = JobStore(
        engine,
        clock,
        slots=settings.worker_processes,
        max_running_per_caller=settings.max_running_per_caller,
        tell=wakes.tell if wakes else nobody,
    )
    batch_store = BatchStore(engine, clock)
    document_limits = limits_in_force(settings)
    queue = make_celery(settings) if settings.effective_broker_url else None
    dispatcher = _dispatcher(engine, queue, settings, clock)
    artifacts = ArtifactStore(settings.effective_artifact_url)
    metrics = Metrics(
        JobCounter(store, clock).read,
        partial(read_counts, engine),
        partial(read_event_counts, engine),
    )
    security = SecurityLog(metrics.count_event)
    later = Later()
    services = Services(
        settings=settings,
        clock=clock,
        database=engine,
        callers=callers,
        keys=KeyStore(engine, clock),
        authenticator=Authenticator(
            KeyReader(engine, clock, partial(_note_old_key, security), later.run),
            TokenReader(engine, clock, callers),
            signer=signer,
            enabled=settings.enable_auth,
            clock=clock,
        ),
        limits=limits,
        document_limits=document_limits,
        jobs=store,
        overview=JobOverview(engine),
        events=EventReader(engine),
        batches=batch_store,
        results=ResultReader(engine, clock),
        intake=BatchIntake(
            BatchLimits(
                lines=settings.max_batch_lines,
                request_bytes=settings.max_request_size,
                json_bytes=min(settings.max_json_size, settings.max_request_size),
                document=document_limits,
            )
        ),
        artifacts=artifacts,
        desk=Desk(),
        later=later,
        recorder=Recorder(store.submit_all, dispatcher.soon),
        dispatcher=dispatcher,
        wakes=wakes,
        watch=JobWatch(RevisionReader(engine).read, ear=WakeEar(redis_url) if redis_url else None),
        batch_watch=JobWatch(batch_store.read_revisions),
        health=HealthCheck({"database": store.ping, "broker": _broker_probe(queue)}),
        metrics=metrics,
        security=security,
        capabilities=CapabilityReader(artifacts),
        spending=SpendingReader(engine, clock, Quotas.from_settings(settings)),
        estimator=Estimator(settings),
        large_bodies=LargeBodies(),
    )
    app = FastAPI(
        title="BackBone-AI",
        version=version("backbone-ai"),
        description=_DESCRIPTION,
        lifespan=partial(_lifespan, services=services),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.services = services
    _add_routes(app, settings)
    return app


def make_app() -> FastAPI:
    """The API for the settings of the environment: `uvicorn --factory api.app:make_app`.

    What keeps it from starting is said in one line each on stderr; the exit status is 1.
    """
    try:
        settings = read_settings()
        set_up_logging(settings.log_level, Redactor(secrets_of(settings)))
        for name, near in find_misspelt().items():
            _log.warning("setting.unknown", extra={"variable": name, "meant": near})
        return create_app(settings)
    except (BackboneError, OSError) as error:
        sys.exit(f"backbone: the API can't start\n{error}")


def _signer(settings: Settings) -> TokenSigner | None:
    signer = signer_from(settings)
    if signer is None and settings.enable_auth:
        raise SettingsError("JWT_SECRET_KEY: must be set while ENABLE_AUTH is on")
    return signer


def _adopt_api_key(engine: Engine, callers: CallerStore, settings: Settings, clock: Clock) -> None:
    if settings.api_key is None:
        return
    api_key = settings.api_key.get_secret_value()
    key = adopt_setting(engine, clock, callers.ensure(DEFAULT), api_key)
    if not key.is_good(clock()):  # somebody ended it, and a start does not undo that
        members = {"setting": "API_KEY", "key_id": key.id, "state": key.state(clock())}
        _log.warning("key.unusable", extra=members)


def _note_old_key(security: SecurityLog, credential: Credential) -> None:
    members = {"key_id": credential.key_id, "caller_id": credential.caller.id}
    security.note(SecurityEvent.KEY_OLD, **members)


def _open_database(settings: Settings) -> Engine:
    engine = make_engine(settings.effective_database_url)
    migrate(engine)
    return engine


def _dispatcher(
    engine: Engine, queue: Celery | None, settings: Settings, clock: Clock
) -> Dispatcher:
    if queue is None:  # jobs wait in the database

        def put_right() -> None:
            recover(engine, clock(), max_attempts=settings.max_attempts)

        return Dispatcher(put_right, put_right)
    admission = Admission(
        engine,
        clock,
        partial(send_job, queue),
        slots=settings.worker_processes,
        max_attempts=settings.max_attempts,
        max_running_per_caller=settings.max_running_per_caller,
    )
    return Dispatcher(admission.admit, admission.recover)


def _broker_probe(queue: Celery | None) -> Callable[[], None] | None:
    if queue is None:
        return None

    def probe() -> None:
        with queue.connection_for_write(connect_timeout=1) as connection:
            connection.ensure_connection(max_retries=1, timeout=1)

    return probe


@contextlib.asynccontextmanager
async def _lifespan(_app: FastAPI, *, services: Services) -> AsyncIterator[None]:
    services.dispatcher.start()
    try:
        yield
    finally:
        await services.watch.stop()
        await services.batch_watch.stop()
        services.desk.stop()
        services.later.stop()
        services.recorder.stop()
        services.dispatcher.stop()
        if services.wakes is not None:
            services.wakes.stop()
        services.database.dispose()


def _add_routes(app: FastAPI, settings: Settings) -> None:
    services: Services = app.state.services
    # What is asked for most, first
    counted = (
        jobs,
        generate,
        design,
        events,
        validate,
        batches,
        submit_batch,
        batch_results,
        retry,
        files,
        tokens,
        status,
        usage,
        admin_callers,
        admin_keys,
        admin_jobs,
    )
    for module in (*counted, health, docs):
        app.include_router(module.router)
    known = [route for module in counted for route in module.router.routes]
    app.include_router(unknown_router(known))
    install_error_handlers(app)
    install_openapi(app, auth=settings.enable_auth)
    app.state.openapi_bytes = cache(lambda: orjson.dumps(app.openapi()))
    app.add_middleware(Failures)
    if settings.cors_origins:
        app.add_middleware(CrossOrigin, settings=settings)
    app.add_middleware(
        Entry,
        hosts=Hosts(settings.allowed_hosts, nearby=not settings.enable_auth),
        security=services.security,
        cross_origin=make_cross_origin(app, settings),
        auth=settings.enable_auth,
    )
    app.add_middleware(ReadTheRest, at_most_bytes=settings.max_request_size)
    # Added last, it is the outermost: nothing is answered without it.
    app.add_middleware(
        Envelope,
        addresses=Addresses(
            settings.trusted_proxies, allowed=settings.allowed_ips, blocked=settings.blocked_ips
        ),
        limits=services.limits,
        metrics=services.metrics,
        security_headers=settings.enable_security_headers,
    )
