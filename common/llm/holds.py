"""Providers that asked to be left alone: until when, how often in a row, and for how long."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, select, text, update

from common.db.tables import Moment, jobs, llm_calls, llm_holds
from common.errors import BackboneError, DeferredError, GenerationError
from common.jobs.codes import ErrorCode
from common.llm.calls import Asker, Call, CallStatus

LEAST_SECONDS: Final = 1.0
MOST_DOUBLED_SECONDS: Final = 600.0
"""Unless the provider itself asks for more."""
GIVEN_UP_AFTER: Final = timedelta(hours=6)
"""A job whose calls bring nothing but "busy" for so long fails."""
FORGOTTEN_AFTER: Final = timedelta(hours=1)
"""What a provider said, once it may be asked again and nobody did."""

_HOLD: Final = text(
    "INSERT INTO llm_holds (provider, until, count, since)"
    " VALUES (:provider, :until, :count, :since)"
    " ON CONFLICT (provider) DO UPDATE SET"
    " until = excluded.until, count = excluded.count, since = excluded.since"
).bindparams(bindparam("until", type_=Moment), bindparam("since", type_=Moment))


def busy(said: str, until: datetime) -> DeferredError:
    """What a job is told that has to wait for its provider."""
    return DeferredError(ErrorCode.LLM_BUSY, said, until=until)


def hold(connection: Connection, call: Call, seconds: float, now: datetime) -> datetime:
    """Have everybody leave the provider alone that answered `call` with "busy"; until when.

    Each time in a row it is twice as long. What calls are told that were made together counts as
    once, and the longest word holds. The caller of this has the ledger's lock.
    """
    provider = call.request.provider
    row = connection.execute(
        select(llm_holds.c.until, llm_holds.c.count, llm_holds.c.since).where(
            llm_holds.c.provider == provider
        )
    ).first()
    count, since, until = (0, None, None) if row is None else (row[1], row.since, row.until)
    if until is None or call.reserved_at >= until:
        if until is not None and call.reserved_at - until > FORGOTTEN_AFTER:
            count, since = 0, None
        count += 1
    stated = max(seconds, LEAST_SECONDS)
    doubled = min(stated * 2.0 ** min(max(count - 1, 0), 20), MOST_DOUBLED_SECONDS)
    own = now + timedelta(seconds=max(stated, doubled))
    until = own if until is None else max(own, until)
    values = {"provider": provider, "until": until, "count": count, "since": since or now}
    connection.execute(_HOLD, values)
    return until


def note_answered(connection: Connection, provider: str) -> None:
    """The provider answers: whatever it said before, it is no longer in a row."""
    connection.execute(
        update(llm_holds)
        .where(llm_holds.c.provider == provider, llm_holds.c.count > 0)
        .values(count=0, since=None)
    )


def held(
    connection: Connection, asker: Asker, provider: str, said: str, now: datetime
) -> BackboneError | None:
    """What a job is told whose provider is to be left alone: to wait, or that it was too long."""
    row = connection.execute(
        select(llm_holds.c.until, llm_holds.c.since).where(llm_holds.c.provider == provider)
    ).first()
    if row is None or row.until <= now:
        return None
    began = [_first_in_vain(connection, asker), _since_for(connection, asker, row.since)]
    longest = max((now - each for each in began if each is not None), default=timedelta())
    if longest < GIVEN_UP_AFTER:
        return busy(said, row.until)
    hours = longest.total_seconds() / 3600
    return GenerationError(
        ErrorCode.LLM_UNAVAILABLE,
        f"{provider} has been busy for {hours:.1f} h, and answered nothing.",
        retryable=True,
    )


def _first_in_vain(connection: Connection, asker: Asker) -> datetime | None:
    """When the job first asked for what was not answered since then."""
    mine = llm_calls.c.job_id == asker.job_id
    answered = (
        select(func.max(llm_calls.c.id))
        .where(mine, llm_calls.c.status == CallStatus.SETTLED.value)
        .scalar_subquery()
    )
    moment: datetime | None = connection.execute(
        select(func.min(llm_calls.c.reserved_at)).where(
            mine,
            llm_calls.c.status == CallStatus.REFUNDED.value,
            llm_calls.c.id > func.coalesce(answered, ""),
        )
    ).scalar()
    return moment


def _since_for(connection: Connection, asker: Asker, since: datetime | None) -> datetime | None:
    """Since when the provider has answered nobody, as long as there was the job to wait for it."""
    if since is None:
        return None
    created_at: datetime | None = connection.execute(
        select(jobs.c.created_at).where(jobs.c.id == asker.job_id)
    ).scalar()
    return None if created_at is None else max(since, created_at)
