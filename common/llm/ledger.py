"""The ledger of calls to models: reserved before, settled after, exact across processes.

A call is reserved with the most that it can come to, under a lock, so that no rolling hour ever
exceeds a quota. Afterwards it is settled with what the provider reported, refunded where nothing
was billed, or, where nobody can tell (the connection was cut, the worker was killed), `unsettled`:
it goes on counting with the most.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, and_, delete, exists, func, select, text, update

from common.clock import Clock
from common.db.engine import reading
from common.db.tables import callers, jobs, llm_calls
from common.errors import BackboneError, DeferredError, GenerationError
from common.ids import new_id
from common.jobs.claim import LeaseLostError
from common.jobs.codes import ErrorCode
from common.jobs.job import JobStatus, LlmUsage
from common.jobs.wakes import Tell, nobody
from common.llm.answers import Kept, find_answer, keep_answer
from common.llm.calls import BILLED, Asker, Call, CallStatus, Request, usage_of
from common.llm.cost import refuse_cost, refuse_unknown_price
from common.llm.counters import ERRORS, TOKENS, Count, add, counts_of_call, counts_of_time
from common.llm.holds import busy, held, hold, note_answered
from common.llm.quota import Quotas
from common.llm.waiting import read_line, wait, wait_no_more
from common.llm.window import counted, moment_with_room, used

_LOCK: Final = 0x6C6C6D71  # an arbitrary number that names the ledger's lock on PostgreSQL
_NAMES: Final = {"calls": "calls", "tokens": "tokens", "cost_usd": "dollars"}


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
            _lock(connection)
            now = self._clock()
            _refuse_others(connection, asker)
            self._refuse_cost(connection, asker, request)
            said = f"{request.provider} asked to be left alone for a while."
            wait_for: BackboneError | None = held(connection, asker, request.provider, said, now)
            if wait_for is None:
                wait_for = self._wait_for_quota(connection, asker, request, now)
            else:
                wait_no_more(connection, asker)
            if wait_for is None:
                return _insert(connection, asker, request, now)
        raise wait_for  # after the commit: that it waits is known to whoever comes next

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
            Count(TOKENS, request.provider, request.model, "input", input_tokens),
            Count(TOKENS, request.provider, request.model, "output", output_tokens),
        ]
        came_to = {
            "input_tokens": input_tokens,
            "output_tokens": output_tokens,
            "cost_usd": cost_usd,
        }
        self._close(
            call, CallStatus.SETTLED, seconds, error, counts=counts, came_to=came_to, kept=kept
        )

    def refund(self, call: Call, error: ErrorCode, *, seconds: float) -> None:
        """It failed, and nothing was billed."""
        self._close(call, CallStatus.REFUNDED, seconds, error)

    def leave_unsettled(self, call: Call, error: ErrorCode, *, seconds: float) -> None:
        """Nobody knows whether it was billed."""
        self._close(call, CallStatus.UNSETTLED, seconds, error)

    def hold(self, call: Call, seconds: float, said: str) -> BackboneError:
        """Have everybody leave the provider alone that was too busy for a call; see `hold`.

        Returns what the job is told: DeferredError, or GenerationError where it was so too long.
        """
        with self._engine.begin() as connection:
            _lock(connection)
            now = self._clock()
            until = hold(connection, call, seconds, now)
            told = held(connection, call.asker, call.request.provider, said, now)
        return told or busy(said, until)

    def _refuse_cost(self, connection: Connection, asker: Asker, request: Request) -> None:
        own = self._quotas.of_caller(connection, asker.caller_id).cost_usd
        refuse_unknown_price(request, (own, self._quotas.total.cost_usd, asker.max_cost_usd))
        if asker.max_cost_usd is None:
            return
        spent = connection.execute(
            select(func.coalesce(func.sum(llm_calls.c.cost_usd), 0.0)).where(
                llm_calls.c.job_id == asker.job_id,
                llm_calls.c.status != CallStatus.REFUNDED.value,
            )
        ).scalar_one()
        refuse_cost(request, spent, asker.max_cost_usd)

    def _wait_for_quota(
        self, connection: Connection, asker: Asker, request: Request, now: datetime
    ) -> DeferredError | None:
        """Until when the job has to wait; None, and it does no more, where there is room."""
        need = request.amounts
        own = self._quotas.of_caller(connection, asker.caller_id)
        line = read_line(connection, asker.caller_id)
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
            ahead = line.of_all(asker) if caller_id is None else line.of_own(asker)
            wanted = used(connection, caller_id, now) + need
            for each in ahead:
                if each.due_at <= now:
                    wanted += each.need
            if wanted.within(limit):
                continue
            reasons += [f"{_NAMES[name]} of {whose}" for name in wanted.beyond(limit)]
            calls = counted(connection, caller_id, now)
            needs = [each.need for each in ahead]
            moment = moment_with_room(calls, limit, need, now, ahead=needs)
            until = moment if until is None else max(until, moment)
        if until is None:
            if asker.job_id in line:
                wait_no_more(connection, asker)
            return None
        wait(connection, asker, need, until)
        return DeferredError(
            ErrorCode.LLM_QUOTA,
            f"The quota of this hour is used up, or others wait for it: {', '.join(reasons)}.",
            until=until,
        )

    def _close(
        self,
        call: Call,
        status: CallStatus,
        seconds: float,
        error: ErrorCode | None,
        *,
        counts: Sequence[Count] = (),
        came_to: dict[str, Any] | None = None,
        kept: Kept | None = None,
    ) -> None:
        request, job_id = call.request, call.asker.job_id
        names = (request.provider, request.model)
        more = [*counts, *counts_of_time(*names, seconds)]
        with self._engine.begin() as connection:
            before = connection.execute(
                select(llm_calls.c.status).where(llm_calls.c.id == call.id).with_for_update()
            ).scalar()
            if before == status.value:
                return  # it was written, and nobody heard of it: the connection was lost
            if before == CallStatus.RESERVED.value:  # or it was counted when it was thought lost
                more += counts_of_call(*names)
                if error is not None:
                    more.append(Count(ERRORS, *names, error.value, 1))
            # Also one that was thought to be lost meanwhile: now it is known what it came to
            connection.execute(
                update(llm_calls)
                .where(llm_calls.c.id == call.id)
                .values(status=status.value, settled_at=self._clock(), **(came_to or {}))
            )
            if kept is not None:
                keep_answer(connection, job_id, request.sha256, kept)
            add(connection, more)
            if status is CallStatus.SETTLED:
                note_answered(connection, request.provider)
            charged = status.value in BILLED or before in BILLED
            if charged:
                charge_job(connection, job_id)
        if charged:
            self._tell(job_id)


def charge_job(connection: Connection, job_id: str) -> None:
    """Have the job's usage be what its calls came to."""
    usage = usage_of(connection, llm_calls.c.job_id == job_id)
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
            counts += counts_of_call(row.provider, row.model)
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


def _lock(connection: Connection) -> None:
    """Have all others wait who decide about calls; on SQLite they do already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _insert(connection: Connection, asker: Asker, request: Request, now: datetime) -> Call:
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
    connection.execute(
        update(callers).where(callers.c.id == asker.caller_id).values(llm_asked_at=now)
    )
    return call
