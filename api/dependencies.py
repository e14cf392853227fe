"""What endpoints depend on: the stores of the process, and the guard before every one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import Engine
from starlette.requests import Request

from api.auth import Authenticator, Identity, attempt_at
from api.batch_intake import BatchIntake
from api.bodies import LargeBodies, too_large
from api.desk import Desk
from api.dispatch import Dispatcher
from api.exchange import exchange_of
from api.health import HealthCheck
from api.later import Later
from api.metrics import Metrics
from api.noticing import who
from api.query_credentials import refuse_credentials
from api.rate_limits import RateLimits, Standing, Tier
from api.recorder import Recorder
from api.waiting import JobWatch
from common.artifacts import ArtifactStore
from common.batches.results import ResultReader
from common.batches.store import BatchStore
from common.callers import CallerStore
from common.capabilities import CapabilityReader
from common.clock import Clock
from common.document.limits import DocumentLimits
from common.errors import RequestError, TransientError
from common.jobs.events import EventReader
from common.jobs.job import Job
from common.jobs.overview import JobOverview
from common.jobs.store import JobStore
from common.jobs.wakes import Wakes
from common.keys.store import KeyStore
from common.llm.estimate import Estimator
from common.llm.spending import SpendingReader
from common.security_events import SecurityEvent, SecurityLog
from common.settings import Settings


@dataclass(frozen=True)
class Services:
    """What the process was started with; `services_of` finds it again."""

    settings: Settings
    clock: Clock
    database: Engine
    callers: CallerStore
    keys: KeyStore
    authenticator: Authenticator
    limits: RateLimits
    document_limits: DocumentLimits
    jobs: JobStore
    overview: JobOverview
    events: EventReader
    batches: BatchStore
    results: ResultReader
    intake: BatchIntake
    artifacts: ArtifactStore
    desk: Desk
    later: Later
    recorder: Recorder
    dispatcher: Dispatcher
    wakes: Wakes | None
    watch: JobWatch
    batch_watch: JobWatch
    health: HealthCheck
    metrics: Metrics
    security: SecurityLog
    capabilities: CapabilityReader
    spending: SpendingReader
    estimator: Estimator
    large_bodies: LargeBodies


def services_of(request: Request) -> Services:
    """The services of the process that serves `request`."""
    services: Services = request.app.state.services
    return services


class Guard:
    """The checks before an endpoint, in this order.

    Declared length, credential, rate, credentials in the query, scope.
    """

    def __init__(
        self,
        tier: Tier = Tier.AUTHENTICATED,
        scopes: Iterable[str] = (),
        *,
        json_body: bool = False,
    ) -> None:
        """`tier` is what a request of a verified caller counts as; one of `scopes` is enough."""
        self._tier = tier
        self._scopes = frozenset(scopes)
        self._json_body = json_body

    async def __call__(self, request: Request) -> Identity:
        """The verified caller; what `check` raises."""
        return await services_of(request).desk.call(partial(self.check, request))

    def check(self, request: Request) -> Identity:
        """The verified caller; RequestError 400, 413, 401, 429, 403, TransientError.

        Blocks shortly: it asks Redis, and now and then the database.
        """
        services = services_of(request)
        exchange = exchange_of(request)
        refused = _declared_length(request, self._limit(services.settings)) or _coding(request)
        identity: Identity | None = None
        failure: RequestError | TransientError | None = None
        try:
            identity = services.authenticator.identify(request)
        except (RequestError, TransientError) as error:
            failure = error
            if isinstance(error, RequestError):
                services.security.note(SecurityEvent.LOGIN_FAILED, **who(exchange))
        exchange.identity = identity
        if services.limits.enabled:
            # Also what is refused for its length counts, as the one who sent it.
            if isinstance(failure, TransientError):
                # Nobody could tell who it is: that is not the caller's fault, and does not count.
                standing = services.limits.look(Tier.PUBLIC, exchange.address)
            elif identity is None:
                standing = _count_failure(services.limits, request, exchange.address)
            else:
                standing = self.count(services.limits, identity)
            exchange.standing = standing
            counted = not isinstance(failure, TransientError)
            if counted and refused is None and not standing.allowed:
                raise standing.refusal()
        if refused is not None:
            raise refused
        refuse_credentials(request.scope["query_string"])
        if identity is None:
            raise failure or RequestError(401, "unauthorized", "The credential is not valid.")
        if not identity.may(self._scopes):
            raise RequestError(
                403,
                "insufficient_scope",
                f"This needs the scope {' or '.join(sorted(self._scopes))}.",
            )
        return identity

    def count(self, limits: RateLimits, identity: Identity) -> Standing:
        """Count one request of a verified caller."""
        return limits.hit_caller(self._tier, identity.caller)

    def _limit(self, settings: Settings) -> int:
        if self._json_body:
            return min(settings.max_json_size, settings.max_request_size)
        return settings.max_request_size


@dataclass(frozen=True, slots=True)
class GuardedJob:
    """A verified caller and a job of theirs."""

    identity: Identity
    job: Job


def _count_failure(limits: RateLimits, request: Request, address: str) -> Standing:
    """Count a failed credential for its address and, from wherever it comes, for what it names."""
    standing = limits.hit(Tier.PUBLIC, address)
    attempt = attempt_at(request)
    if attempt is None or not standing.allowed:
        return standing
    of_all = limits.hit(Tier.PUBLIC, f"attempt:{attempt}")
    return min(standing, of_all, key=lambda each: (each.allowed, each.remaining))


def _declared_length(request: Request, limit: int) -> RequestError | None:
    declared = request.headers.get("content-length")
    if declared is None:
        return None
    if not (declared.isascii() and declared.isdigit()):
        return RequestError(400, "bad_request", "The Content-Length is not a number.")
    # A number of twenty digits is too large without being read.
    if len(declared) > len(str(limit)) + 1 or int(declared) > limit:
        return too_large(limit)
    return None


def _coding(request: Request) -> RequestError | None:
    """What is compressed is never unpacked, so nothing small becomes large here."""
    codings = request.headers.getlist("content-encoding")
    if all(coding.strip().lower() in {"identity", ""} for coding in codings):
        return None
    return RequestError(
        415,
        "compressed_body",
        "Bodies are taken as they are, not compressed.",
        headers={"Accept-Encoding": "identity"},
    )


class JobGuard(Guard):
    """A guard that also looks the job up, while it is at it: polls are what there is most of."""

    async def find_job(self, request: Request, job_id: str) -> GuardedJob:
        """The caller's job; what `check` raises, RequestError 404."""
        return await services_of(request).desk.call(partial(self._find_job, request, job_id))

    def _find_job(self, request: Request, job_id: str) -> GuardedJob:
        identity = self.check(request)
        return GuardedJob(identity, services_of(request).jobs.get(identity.caller.id, job_id))


READ_JOBS: Final = Guard(scopes={"generate", "jobs:read", "batches"})
READ_JOB: Final = JobGuard(scopes={"generate", "jobs:read", "batches"}).find_job
CHANGE_JOBS: Final = Guard(scopes={"generate"})
GENERATE: Final = Guard(Tier.GENERATION, {"generate"}, json_body=True)
SUBMIT_BATCHES: Final = Guard(Tier.GENERATION, {"batches"})
READ_BATCHES: Final = Guard(scopes={"batches", "jobs:read"})
CHANGE_BATCHES: Final = Guard(scopes={"batches"})
VALIDATE: Final = Guard(Tier.VALIDATION, {"validate"}, json_body=True)
ANYONE_KNOWN: Final = Guard()
CHANGE_TOKENS: Final = Guard(json_body=True)
