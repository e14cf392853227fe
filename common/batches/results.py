"""What became of the lines of a batch, in the order in which it became known.

Lines that were refused come first, then the others as their jobs end. The numbers by which they are
ordered rise with the commits (see `finishing`): whoever has read up to a cursor has missed nothing,
and gets nothing twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, Select, func, or_, select, tuple_

from common.batches.batch import Batch
from common.clock import Clock
from common.cursors import make_cursor, read_cursor
from common.db.engine import reading
from common.db.tables import batch_lines, jobs
from common.jobs.job import JobStatus

_PLACE: Final = re.compile(r"(\d{1,9})\.(\d{1,9})\Z")
_START: Final = (0, 0)
_ORDER: Final = (batch_lines.c.finished_number, batch_lines.c.number)

Place = tuple[int, int]
"""(the number of the line's end, the line's number)"""


@dataclass(frozen=True, slots=True)
class LineResult:
    """One line and what became of it."""

    line: int
    custom_id: str | None
    job_id: str | None
    """None for a line that was refused, and once its job has been deleted"""
    status: str
    """`refused`, or that of the job"""
    faults: Sequence[dict[str, str]]
    """Of a line that was refused"""
    error: dict[str, Any] | None
    """Of a job that failed"""
    artifact: dict[str, Any] | None
    verification: dict[str, Any] | None
    output_key: str | None
    """Where its files are stored; None where there are none, or not any more"""
    output_kept: bool
    """Whether they can be had: they were made, and have not expired"""
    finished_at: datetime | None
    place: Place


@dataclass(frozen=True, slots=True)
class ResultRange:
    """The results after one place up to another; what is in it does not change any more."""

    batch_id: str
    after: Place
    until: Place
    complete: bool
    """Whether nothing will ever come after it"""

    @property
    def next_cursor(self) -> str:
        """What to ask with for whatever comes after it."""
        return make_cursor(f"{self.until[0]}.{self.until[1]}")


class ResultReader:
    """Reads results from one database."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._reader = reading(engine)
        self._clock = clock

    def find(self, batch: Batch, cursor: str | None, limit: int | None) -> ResultRange:
        """The results that there are after `cursor`, at most `limit` of them.

        RequestError 400 for a cursor that was not given out.
        """
        after = _read_place(cursor)
        following = (
            select(*_ORDER).where(batch_lines.c.batch_id == batch.id, *_beyond(after)).limit(1)
        )
        ascending = following.order_by(*_ORDER)
        last = following.order_by(*(column.desc() for column in _ORDER))
        with self._reader.connect() as connection:
            row = None
            if limit is not None:
                row = connection.execute(ascending.offset(limit - 1)).first()
            newest = connection.execute(last).first()
        if newest is None:
            return ResultRange(batch.id, after, after, complete=batch.finished)
        until = (newest[0], newest[1]) if row is None else (row[0], row[1])
        # The batch was read before: if it was finished then, the newest is the last.
        complete = batch.finished and until == (newest[0], newest[1])
        return ResultRange(batch.id, after, until, complete=complete)

    def read(self, wanted: ResultRange, after: Place, at_most: int) -> list[LineResult]:
        """The first of a range after `after`."""
        return self._rows(
            _LINES.where(
                batch_lines.c.batch_id == wanted.batch_id,
                *_beyond(after),
                tuple_(*_ORDER) <= tuple_(*wanted.until),
            )
            .order_by(*_ORDER)
            .limit(at_most)
        )

    def read_lines(
        self, batch_id: str, after_line: int, at_most: int, *, status: str | None = None
    ) -> list[LineResult]:
        """The lines of a finished batch in their own order, all or those of one status."""
        statement = _LINES.where(
            batch_lines.c.batch_id == batch_id, batch_lines.c.number > after_line
        )
        if status is not None:
            statement = statement.where(batch_lines.c.status == status)
        return self._rows(statement.order_by(batch_lines.c.number).limit(at_most))

    def count_expired(self, batch_id: str) -> int:
        """How many lines succeeded and have a job whose artifact has expired."""
        statement = (
            select(func.count())
            .select_from(batch_lines)
            .join(jobs, jobs.c.id == batch_lines.c.job_id)
            .where(
                batch_lines.c.batch_id == batch_id,
                batch_lines.c.status == JobStatus.SUCCEEDED.value,
                or_(jobs.c.output_deleted, jobs.c.expires_at <= self._clock()),
            )
        )
        with self._reader.connect() as connection:
            return connection.execute(statement).scalar_one()

    def _rows(self, statement: Select[Any]) -> list[LineResult]:
        with self._reader.connect() as connection:
            rows = connection.execute(statement).all()
        now = self._clock()
        return [
            LineResult(
                line=row.number,
                custom_id=row.custom_id,
                job_id=row.job_id,
                status=row.status,
                faults=row.faults or (),
                error=row.error,
                artifact=row.artifact,
                verification=row.verification,
                output_key=None if row.output_deleted else row.output_key,
                output_kept=_kept(row, now),
                finished_at=row.finished_at,
                place=(row.finished_number, row.number),
            )
            for row in rows
        ]


_LINES: Final = (
    select(
        batch_lines.c.number,
        batch_lines.c.custom_id,
        batch_lines.c.job_id,
        batch_lines.c.status,
        batch_lines.c.faults,
        batch_lines.c.finished_number,
        jobs.c.error,
        jobs.c.artifact,
        jobs.c.verification,
        jobs.c.output_key,
        jobs.c.output_deleted,
        jobs.c.expires_at,
        jobs.c.finished_at,
    )
    .select_from(batch_lines)
    .outerjoin(jobs, jobs.c.id == batch_lines.c.job_id)
)


def _kept(row: Any, now: datetime) -> bool:  # noqa: ANN401 - a Row
    """Whether there are its files, and they have not expired."""
    if row.output_key is None or row.output_deleted:
        return False
    return row.expires_at is None or bool(row.expires_at > now)


def _beyond(place: Place) -> tuple[ColumnElement[bool], ...]:
    # The first says nothing new, but where to begin in the index
    return batch_lines.c.finished_number >= place[0], tuple_(*_ORDER) > tuple_(*place)


def _read_place(cursor: str | None) -> Place:
    if not cursor:
        return _START
    place = read_cursor(cursor, lambda text: _PLACE.match(text) is not None)
    number, _, line = place.partition(".")
    return int(number), int(line)
