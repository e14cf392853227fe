"""The batches as their callers see them: read, list, cancel, pause, resume.

Whatever is changed is first written to the batch's row; its jobs follow (see `following`). Methods
raise `TransientError` when there is no database.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    func,
    literal,
    select,
    update,
)

from common.batches.batch import (
    Batch,
    BatchStatus,
    HeldReason,
    LineFault,
    is_spent,
    no_such_batch,
)
from common.batches.following import follow
from common.batches.rows import BATCH_COLUMNS, batch_from_row
from common.clock import Clock
from common.cursors import make_cursor, read_cursor
from common.db.engine import reading
from common.db.tables import Moment, batch_lines, batches, jobs
from common.errors import Fault, RequestError
from common.ids import is_batch_id
from common.jobs.job import JobStatus
from common.jobs.wishes import KEPT, key_reused

MAX_PAGE: Final = 100
ERRORS_SHOWN: Final = 100
"""Faults of lines that a batch is shown with; its results have all of them."""
_RECENT: Final = 50
_BY_THEMSELVES: Final = (JobStatus.SUCCEEDED.value, JobStatus.FAILED.value)


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Batches, newest first; `next_cursor` is None on the last page."""

    items: tuple[Batch, ...]
    next_cursor: str | None


class BatchStore:
    """The batches in one database; safe to share between threads, not across a fork."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._reader = reading(engine)
        self._clock = clock

    def get(self, caller_id: str, batch_id: str) -> Batch:
        """The caller's batch; RequestError 404 for another's and for an id that never was."""
        if not is_batch_id(batch_id):
            raise no_such_batch()
        with self._reader.connect() as connection:
            row = connection.execute(
                select(*BATCH_COLUMNS).where(
                    batches.c.id == batch_id,
                    batches.c.caller_id == caller_id,
                    batches.c.accepted_at.is_not(None),
                )
            ).first()
            if row is None:
                raise no_such_batch()
            return self._made_of(connection, row)

    def page(self, caller_id: str, *, limit: int = 20, cursor: str | None = None) -> BatchPage:
        """The caller's batches, newest first, at most `limit` (and `MAX_PAGE`) of them.

        `cursor` is the `next_cursor` of the page before; RequestError 400 if it is not one.
        """
        limit = max(1, min(limit, MAX_PAGE))
        statement = (
            select(*BATCH_COLUMNS)
            .where(batches.c.caller_id == caller_id, batches.c.accepted_at.is_not(None))
            .order_by(batches.c.id.desc())
            .limit(limit + 1)
        )
        if cursor is not None:
            statement = statement.where(batches.c.id < read_cursor(cursor, is_batch_id))
        with self._reader.connect() as connection:
            rows = connection.execute(statement).all()
            items = [self._made_of(connection, row) for row in rows[:limit]]
        more = len(rows) > limit
        return BatchPage(tuple(items), make_cursor(items[-1].id) if more else None)

    def find_wished(self, caller_id: str, key: str, body_sha256: str | None) -> Batch | None:
        """The batch that this `Idempotency-Key` made in the last day.

        Raises RequestError 422 `idempotency_key_reused` if the body was another; None as
        `body_sha256` is a body that is not known yet.
        """
        with self._reader.connect() as connection:
            row = connection.execute(
                select(*BATCH_COLUMNS).where(
                    batches.c.caller_id == caller_id,
                    batches.c.idempotency_key == key,
                    batches.c.accepted_at > self._clock() - KEPT,
                )
            ).first()
            if row is None:
                return None
            if body_sha256 is not None and row.idempotency_sha256 != body_sha256:
                raise key_reused()
            return self._made_of(connection, row)

    def find_faults(
        self, batch_id: str, *, after_line: int = 0, at_most: int = ERRORS_SHOWN
    ) -> list[LineFault]:
        """What is wrong with the first lines that were refused, until there are so many faults.

        Of a line it is all or nothing, so the last one may add a few; what follows it is found
        with `after_line`.
        """
        found: list[LineFault] = []
        statement = (
            select(batch_lines.c.number, batch_lines.c.custom_id, batch_lines.c.faults)
            .where(
                batch_lines.c.batch_id == batch_id,
                batch_lines.c.finished_number == 0,
                batch_lines.c.number > after_line,
            )
            .order_by(batch_lines.c.number)
            .limit(at_most)
        )
        with self._reader.connect() as connection:
            for row in connection.execute(statement):
                faults = row.faults or ()
                found += (LineFault(row.number, row.custom_id, Fault(**each)) for each in faults)
                if len(found) >= at_most:
                    break
        return found

    def read_revisions(self, batch_ids: Collection[str]) -> dict[str, int]:
        """The revision of each of these batches that exists."""
        with self._reader.connect() as connection:
            rows = connection.execute(
                select(batches.c.id, batches.c.revision).where(batches.c.id.in_(batch_ids))
            )
            return {row.id: row.revision for row in rows}

    def request_cancel(self, caller_id: str, batch_id: str) -> Batch:
        """Stop all of its jobs: those that wait at once, those that run as soon as they notice.

        Returns the batch as it is now; a finished one stays as it was. RequestError 404.
        """
        batch = self.get(caller_id, batch_id)
        if not batch.finished:
            asked_at = self._once(batches.c.cancel_requested_at)
            self._change(batch_id, {"cancel_requested_at": asked_at})
        return self.get(caller_id, batch_id)

    def pause(self, caller_id: str, batch_id: str) -> Batch:
        """Begin none of its jobs any more; those that run go on to their end.

        RequestError 404, 409 for a batch that is finished or was cancelled.
        """
        _going_on(self.get(caller_id, batch_id))
        self._change(batch_id, {"paused_at": self._once(batches.c.paused_at)})
        return self.get(caller_id, batch_id)

    def resume(self, caller_id: str, batch_id: str, *, max_cost_usd: float | None = None) -> Batch:
        """Let its jobs go again, with another `max_cost_usd` if one is given.

        RequestError 404, 409 for a batch that is finished or was cancelled, or that would still be
        held because it has cost what it may.
        """
        batch = self.get(caller_id, batch_id)
        _going_on(batch)
        change: dict[str, Any] = {"paused_at": None}
        most = batch.max_cost_usd
        if max_cost_usd is not None:
            change["max_cost_usd"] = most = max_cost_usd
        if most is not None and is_spent(batch.usage.cost_usd, most):
            raise RequestError(
                409,
                HeldReason.MAX_COST.value,
                f"The batch has cost {batch.usage.cost_usd:g} USD of {most:g};"
                " resume it with a higher max_cost_usd.",
            )
        self._change(batch_id, change)
        return self.get(caller_id, batch_id)

    def _once(self, column: Column[Any]) -> ColumnElement[Any]:
        """The moment that stands there, else now."""
        return func.coalesce(column, literal(self._clock(), Moment))

    def _change(self, batch_id: str, change: dict[str, Any]) -> None:
        """Write to the row of a batch that is not finished, and have its jobs follow."""
        with self._engine.begin() as connection:
            connection.execute(
                update(batches)
                .where(batches.c.id == batch_id, batches.c.finished_at.is_(None))
                .values(revision=batches.c.revision + 1, **change)
            )
        follow(self._engine, self._clock, batch_id)

    def _made_of(self, connection: Connection, row: Any) -> Batch:  # noqa: ANN401 - a Row
        batch = batch_from_row(row)
        if batch.status is not BatchStatus.RUNNING or not batch.finished_count:
            return batch
        return replace(batch, eta_seconds=self._eta_seconds(connection, row))

    def _eta_seconds(self, connection: Connection, row: Any) -> int | None:  # noqa: ANN401 - a Row
        """How long the rest takes at the pace of the latest jobs that ended by themselves."""
        ended = (
            connection.execute(
                select(jobs.c.finished_at)
                .join(batch_lines, batch_lines.c.job_id == jobs.c.id)
                .where(
                    batch_lines.c.batch_id == row.id,
                    batch_lines.c.finished_number > 0,
                    batch_lines.c.status.in_(_BY_THEMSELVES),
                )
                .order_by(batch_lines.c.finished_number.desc())
                .limit(_RECENT)
            )
            .scalars()
            .all()
        )
        if not ended:
            return None
        # What was before the oldest of them is not known, unless it is the beginning
        known = len(ended) < _RECENT
        began_at = row.accepted_at if known else min(ended)
        count = len(ended) if known else len(ended) - 1
        seconds = (self._clock() - began_at).total_seconds() / count
        left = row.line_count - row.refused_count - row.succeeded_count - row.failed_count
        return max(1, math.ceil(float((left - row.cancelled_count) * seconds)))


def _going_on(batch: Batch) -> None:
    if batch.finished or batch.cancel_requested_at is not None:
        raise RequestError(
            409,
            "batch_over",
            f"The batch is {batch.status}; none of its jobs will be begun any more.",
            extra={"batch_status": batch.status.value},
        )
