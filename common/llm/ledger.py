"""The ledger of calls to models: reserved before, settled after, exact across processes.

A call is reserved with the most that it can come to, under a lock, so that no rolling hour ever
exceeds a quota. Afterwards it is settled with what the provider reported, refunded where nothing
was billed, or, where nobody can tell (the connection was cut, the worker was killed), `unsettled`:
it goes on counting with the most.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Engine,
    and_,
    bindparam,
    delete,
    exists,
    func,
    select,
    text,
    update,
)

from common.clock import Clock
from common.db.engine import reading
from common.db.tables import Moment, jobs, llm_calls, llm_holds
from common.errors import DeferredError, GenerationError
from common.ids import new_id
from common.jobs.claim import LeaseLostError
from common.jobs.codes import ErrorCode
from common.jobs.job import JobStatus, LlmUsage, Stage
from common.jobs.wakes import Tell, nobody
from common.llm.answers import Kept, find_answer, keep_answer
from common.llm.counters import ERRORS, TOKENS, Count, add, counts_of_call
from common.llm.quota import Amounts, Quotas
from common.llm.window import counted, moment_with_room, used, waiting_ahead

_LOCK: Final = 0x6C6C6D71  # an arbitrary number that names the ledger's lock on PostgreSQL
_HOLD: Final = text(
    "INSERT INTO llm_holds (provider, until) VALUES (:provider, :until)"
    " ON CONFLICT (provider) DO UPDATE SET until = CASE"
    " WHEN excluded.until > llm_holds.until THEN excluded.until ELSE llm_holds.until END"
).bindparams(bindparam("until", type_=Moment))
_NAMES: Final = {"calls": "calls", "tokens": "tokens", "cost_usd": "dollars"}


class CallStatus(StrEnum):
    """What became of a call."""

    RESERVED = "reserved"
    """It is about to be made, or under way."""
    SETTLED = "settled"
    """It was answered; what it came to is what the provider reported."""
    REFUNDED = "refunded"
    """It failed and was not billed; it counts nowhere."""
    UNSETTLED = "unsettled"
    """Nobody knows whether it was billed; it counts with the most that it can have come to."""


BILLED: Final = (CallStatus.SETTLED.value, CallStatus.UNSETTLED.value)


@dataclass(frozen=True, slots=True)
class Asker:
    """The attempt at a job that asks."""

    caller_id: str
    job_id: str
    attempt: int
    sources: tuple[str, ...]
    """The jobs whose answers serve this one, too; its own first"""
    max_cost_usd: float | None = None
    """What the job may cost in all"""


@dataclass(frozen=True, slots=True)
class Request:
    """A call that is to be made, and the most that it can come to."""

    stage: Stage
    provider: str
    model: str
    sha256: str
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    """None where nobody knows the price"""

    @property
    def amounts(self) -> Amounts:
        """What is to be reserved."""
        return Amounts(1, self.input_tokens + self.output_tokens, self.cost_usd or 0.0)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was reserved."""

    id: str
    asker: Asker
    request: Request
    reserved_at: datetime


class Ledger:
    """The calls of one database; safe to share between threads, not across a fork."""

    def __init__(
        self, engine: Engine, clock: Clock, quotas: Quotas, *, tell: Tell = nobody
    ) -> None:
        """`tell` hears of every job whose usage has changed, once it is committed."""
        self._engine = engine
        self._reader = reading(engine)
        self._clock = clock
        self._quotas = quotas
        self._tell = tell

    def find(self, asker: Asker, sha256: str) -> Kept | None:
        """The answer that was bought before, for this job or for one that it repeats.

        It is kept with this job then, so that it outlives the other.
        """
        with self._reader.connect() as connection:
            found = find_answer(connection, asker.sources, sha256)
        if found is None:
            return None
        source, kept = found
        if source != asker.job_id:
            with self._engine.begin() as connection:
                keep_answer(connection, asker.job_id, sha256, kept)
        return kept

    def reserve(self, asker: Asker, request: Request) -> Call:
        """Reserve the most that the call can come to.

        Raises DeferredError where a quota or the provider has it wait, GenerationError where no
        waiting would help, LeaseLostError where the job is no longer this attempt's.
        """
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            now = self._clock()
            _refuse_others(connection, asker)
            self._refuse_cost(connection, asker, request)
            _wait_for_provider(connection, request.provider, now)
            self._wait_for_quota(connection, asker, request, now)
            call = Call(new_id("call", now), asker, request, now)
            connection.execute(
                llm_calls.insert(),
                {
                    "id": call.id,
                    "caller_id": asker.caller_id,
                    "job_id": asker.job_id,
                    "attempt": asker.attempt,
                    "stage": request.stage.value,
                    "provider": request.provider,
                    "model": request.model,
                    "input_sha256": request.sha256,
                    "status": CallStatus.RESERVED.value,
                    "reserved_at": now,
                    "input_tokens": request.input_tokens,
                    "output_tokens": request.output_tokens,
                    "cost_usd": request.cost_usd or 0.0,
                },
            )
        return call

    def settle(
        self,
        call: Call,
        kept: Kept,
        *,
        input_tokens: int,
        output_tokens: int,
        cost_usd: float,
        seconds: float,
        error: ErrorCode | None = None,
    ) -> None:
        """Note what it came to, keep the answer and charge the job, all at once.

        Also where the job is no longer this attempt's: the next one need not buy it then.
        """
        request = call.request
        counts = [
            *counts_of_call(request.provider, request.model, seconds),
            Count(TOKENS, request.provider, request.model, "input", input_tokens),
            Count(TOKENS, request.provider, request.model, "output", output_tokens),
        ]
        came_to = {
            "input_tokens": input_tokens,
            "output_tokens": output_tokens,
            "cost_usd": cost_usd,
        }
        self._close(call, CallStatus.SETTLED, counts, error, came_to=came_to, kept=kept)

    def refund(self, call: Call, error: ErrorCode, *, seconds: float) -> None:
        """It failed, and nothing was billed."""
        counts = counts_of_call(call.request.provider, call.request.model, seconds)
        self._close(call, CallStatus.REFUNDED, counts, error)

    def leave_unsettled(self, call: Call, error: ErrorCode, *, seconds: float) -> None:
        """Nobody knows whether it was billed."""
        counts = counts_of_call(call.request.provider, call.request.model, seconds)
        self._close(call, CallStatus.UNSETTLED, counts, error)

    def hold(self, provider: str, until: datetime) -> None:
        """Leave the provider alone until then, whoever asks; an earlier word holds if longer."""
        with self._engine.begin() as connection:
            connection.execute(_HOLD, {"provider": provider, "until": until})

    def _refuse_cost(self, connection: Connection, asker: Asker, request: Request) -> None:
        own = self._quotas.of_caller(connection, asker.caller_id).cost_usd
        limits = (own, self._quotas.total.cost_usd, asker.max_cost_usd)
        if request.cost_usd is None:
            if any(limit is not None and math.isfinite(limit) for limit in limits):
                raise GenerationError(
                    ErrorCode.LLM_COST_LIMIT,
                    f"There is a limit in dollars, and nobody knows what {request.provider}:"
                    f"{request.model} costs: give its price in LLM_PRICES_FILE.",
                    retryable=True,
                )
            return
        if asker.max_cost_usd is None:
            return
        spent = connection.execute(
            select(func.coalesce(func.sum(llm_calls.c.cost_usd), 0.0)).where(
                llm_calls.c.job_id == asker.job_id,
                llm_calls.c.status != CallStatus.REFUNDED.value,
            )
        ).scalar_one()
        if spent + request.cost_usd > asker.max_cost_usd + 1e-9:
            raise GenerationError(
                ErrorCode.LLM_COST_LIMIT,
                f"The next call may cost ${request.cost_usd:.4f}; with ${spent:.4f} that were"
                f" spent it is more than run.max_cost_usd ({asker.max_cost_usd:g}).",
                retryable=True,
            )

    def _wait_for_quota(
        self, connection: Connection, asker: Asker, request: Request, now: datetime
    ) -> None:
        need = request.amounts
        own = self._quotas.of_caller(connection, asker.caller_id)
        until: datetime | None = None
        reasons = []
        for caller_id, limit in ((asker.caller_id, own), (None, self._quotas.total)):
            whose = "the installation" if caller_id is None else "the caller"
            if not need.within(limit):
                names = " and ".join(_NAMES[name] for name in need.beyond(limit))
                raise GenerationError(
                    ErrorCode.LLM_QUOTA,
                    f"One call may take more {names} than {whose} has for a whole hour.",
                    retryable=True,
                )
            wanted = used(connection, caller_id, now) + need
            if wanted.within(limit):
                continue
            reasons += [f"{_NAMES[name]} of {whose}" for name in wanted.beyond(limit)]
            ahead = waiting_ahead(connection, asker.caller_id, asker.job_id)
            calls = counted(connection, caller_id, now)
            moment = moment_with_room(calls, limit, need, now, ahead=ahead)
            until = moment if until is None else max(until, moment)
        if until is not None:
            raise DeferredError(
                ErrorCode.LLM_QUOTA,
                f"The quota of this hour is used up: {', '.join(reasons)}.",
                until=until,
            )

    def _close(
        self,
        call: Call,
        status: CallStatus,
        counts: list[Count],
        error: ErrorCode | None,
        *,
        came_to: dict[str, Any] | None = None,
        kept: Kept | None = None,
    ) -> None:
        request, job_id = call.request, call.asker.job_id
        if error is not None:
            counts.append(Count(ERRORS, request.provider, request.model, error.value, 1))
        with self._engine.begin() as connection:
            before = connection.execute(
                select(llm_calls.c.status).where(llm_calls.c.id == call.id)
            ).scalar()
            # Also one that was thought to be lost meanwhile: now it is known what it came to
            connection.execute(
                update(llm_calls)
                .where(llm_calls.c.id == call.id)
                .values(status=status.value, settled_at=self._clock(), **(came_to or {}))
            )
            if kept is not None:
                keep_answer(connection, job_id, request.sha256, kept)
            add(connection, counts)
            charged = status.value in BILLED or before in BILLED
            if charged:
                charge_job(connection, job_id)
        if charged:
            self._tell(job_id)


def charge_job(connection: Connection, job_id: str) -> None:
    """Have the job's usage be what its calls came to."""
    row = connection.execute(
        select(
            func.count(),
            func.coalesce(func.sum(llm_calls.c.input_tokens), 0),
            func.coalesce(func.sum(llm_calls.c.output_tokens), 0),
            func.coalesce(func.sum(llm_calls.c.cost_usd), 0.0),
        ).where(llm_calls.c.job_id == job_id, llm_calls.c.status.in_(BILLED))
    ).one()
    usage = LlmUsage(int(row[0]), int(row[1]), int(row[2]), round(float(row[3]), 9))
    values = {name: getattr(usage, name) for name in LlmUsage.__dataclass_fields__}
    connection.execute(
        update(jobs).where(jobs.c.id == job_id).values(usage=values, revision=jobs.c.revision + 1)
    )


def note_unsettled(engine: Engine, now: datetime) -> list[str]:
    """Take for unsettled what was reserved by attempts that no longer run; the jobs concerned.

    Nobody but the attempt that reserved a call ever decides about it while it runs.
    """
    held = exists().where(
        jobs.c.id == llm_calls.c.job_id,
        jobs.c.status == JobStatus.RUNNING.value,
        jobs.c.attempt_count == llm_calls.c.attempt,
    )
    left = and_(llm_calls.c.status == CallStatus.RESERVED.value, ~held)
    # Few are in flight at any time, and all of them are where the index has no moment
    look = (llm_calls.c.settled_at.is_(None), left)
    with reading(engine).connect() as connection:
        if connection.execute(select(llm_calls.c.id).where(*look).limit(1)).first() is None:
            return []
    with engine.begin() as connection:
        lost = connection.execute(
            update(llm_calls)
            .where(*look)
            .values(status=CallStatus.UNSETTLED.value, settled_at=now)
            .returning(llm_calls.c.job_id, llm_calls.c.provider, llm_calls.c.model)
        ).all()
        counts = []
        for row in lost:
            counts += counts_of_call(row.provider, row.model, None)
            counts.append(Count(ERRORS, row.provider, row.model, ErrorCode.WORKER_LOST.value, 1))
        add(connection, counts)
        job_ids = sorted({row.job_id for row in lost})
        for job_id in job_ids:
            charge_job(connection, job_id)
    return job_ids


def forget_calls(engine: Engine, before: datetime) -> None:
    """Remove the calls that were settled before a moment."""
    with engine.begin() as connection:
        connection.execute(delete(llm_calls).where(llm_calls.c.settled_at < before))


def _refuse_others(connection: Connection, asker: Asker) -> None:
    row = connection.execute(
        select(jobs.c.id).where(
            jobs.c.id == asker.job_id,
            jobs.c.status == JobStatus.RUNNING.value,
            jobs.c.attempt_count == asker.attempt,
        )
    ).first()
    if row is None:
        raise LeaseLostError(f"{asker.job_id}: attempt {asker.attempt} no longer holds the job")


def _wait_for_provider(connection: Connection, provider: str, now: datetime) -> None:
    until = connection.execute(
        select(llm_holds.c.until).where(llm_holds.c.provider == provider)
    ).scalar()
    if until is not None and until > now:
        raise DeferredError(
            ErrorCode.LLM_BUSY, f"{provider} asked to be left alone for a while.", until=until
        )
