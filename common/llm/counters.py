"""Counts of calls to models that never fall, however many processes count and however long ago."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine, select, text

from common.db.engine import reading
from common.db.tables import llm_counters
from common.errors import TransientError

REQUESTS: Final = "requests"
TOKENS: Final = "tokens"
"""Labels: `input`, `output`"""
ERRORS: Final = "errors"
"""Labels: codes"""
SECONDS: Final = "seconds"
BUCKET: Final = "bucket"
"""Labels: the least of `BUCKETS` that the call was not longer than, or `+Inf`"""
BUCKETS: Final = (0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)

_ADD: Final = text(
    "INSERT INTO llm_counters (name, provider, model, label, value)"
    " VALUES (:name, :provider, :model, :label, :value)"
    " ON CONFLICT (name, provider, model, label)"
    " DO UPDATE SET value = llm_counters.value + excluded.value"
)


class Count(NamedTuple):
    """So much more of something."""

    name: str
    provider: str
    model: str
    label: str
    value: float


def counts_of_call(provider: str, model: str) -> list[Count]:
    """One more request."""
    return [Count(REQUESTS, provider, model, "", 1)]


def counts_of_time(provider: str, model: str, seconds: float | None) -> list[Count]:
    """How long one took, if that is known."""
    counts = []
    if seconds is not None:
        fitting = (f"{bucket:g}" for bucket in BUCKETS if seconds <= bucket)
        counts.append(Count(BUCKET, provider, model, next(fitting, "+Inf"), 1))
        counts.append(Count(SECONDS, provider, model, "", max(0.0, seconds)))
    return counts


def add(connection: Connection, counts: Iterable[Count]) -> None:
    """Count them, in this transaction; always in one order, so that nobody waits in a circle."""
    rows = [each._asdict() for each in sorted(counts) if each.value]
    if rows:
        connection.execute(_ADD, rows)


def read_counts(engine: Engine) -> list[Count] | None:
    """All counts; None while the database does not answer."""
    statement = select(*(llm_counters.c[name] for name in Count._fields))
    try:
        with reading(engine).connect() as connection:
            return [Count(*row) for row in connection.execute(statement)]
    except TransientError:
        return None
