"""A batch while its lines come in: recorded as they come, there for nobody until all have come.

Its jobs are held and its row says that it has not been accepted, so nothing of it is run or listed;
only the metrics count its jobs, as queued ones. Acceptance is one short transaction. What is left
of a batch whose process died meanwhile is removed by beat (see `expiry`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Engine, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from common.batches.copies import copied_rows
from common.batches.hourly import lock_caller, refuse_beyond
from common.batches.lines import CopiedLine, NewLine, new_line_row
from common.batches.removal import remove
from common.clock import Clock
from common.db.engine import forgetful
from common.db.tables import batch_lines, batches, job_documents, jobs
from common.errors import Fault, TransientError
from common.ids import new_id, whole_milliseconds
from common.jobs.lanes import Lane
from common.jobs.new_job import NewJob, document_text, new_job_row
from common.jobs.sizes import Size
from common.jobs.wishes import KEPT, make_way

WITHIN: Final = timedelta(minutes=15)
"""How long a batch may take to come in."""
_AT_ONCE: Final = 500
_MILLISECOND: Final = timedelta(milliseconds=1)
_COPY_DOCUMENT: Final = insert(job_documents).from_select(
    ["job_id", "document"],
    select(bindparam("job_id"), job_documents.c.document).where(
        job_documents.c.job_id == bindparam("old_id")
    ),
)
_FROM_ZERO: Final = (
    "line_count",
    "refused_count",
    "job_count",
    "finished_count",
    "succeeded_count",
    "failed_count",
    "cancelled_count",
    "llm_calls",
    "input_tokens",
    "output_tokens",
    "cost_usd",
)


class Incoming:
    """One batch, from its first line to its acceptance; belongs to one request.

    `lines_per_hour` is what the caller may hand in. With an `idempotency_key` that has made a batch
    already, lines are taken beyond that: they will not be accepted.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        caller_id: str,
        *,
        lines_per_hour: int,
        retry_of: str | None = None,
        max_cost_usd: float | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        self._engine = engine
        # The commit of the acceptance is durable, and with it all that was before
        self._coming_in = forgetful(engine)
        self._clock = clock
        self._caller_id = caller_id
        self._lines_per_hour = lines_per_hour
        self._retry_of = retry_of
        self._max_cost_usd = max_cost_usd
        self._key = idempotency_key
        self._jobs: dict[bytes | str, str] = {}
        self._start_within: defaultdict[int, list[str]] = defaultdict(list)
        self._begun = False
        # The moment in the latest ids: later ones sort behind them, whatever the clock does
        self._ids_at = datetime.min.replace(tzinfo=UTC)
        self.id = new_id("batch", clock())
        self.line_count = 0
        self.refused_count = 0

    @property
    def good_count(self) -> int:
        """How many lines have a job."""
        return self.line_count - self.refused_count

    def add(self, lines: Sequence[NewLine]) -> None:
        """Record some lines, and a job for each document that the batch did not have yet.

        RequestError 429 when the caller can't have that many lines in this hour.
        """
        with self._transaction(len(lines)) as (connection, at):
            fresh = {
                line.digest: line.job
                for line in lines
                if line.job is not None and line.digest not in self._jobs
            }
            made = self._make_jobs(connection, fresh, at)
            if made:
                documents = [
                    {"job_id": job_id, "document": document_text(new.document)}
                    for job_id, new in made.items()
                ]
                connection.execute(job_documents.insert(), documents)
            self._write(
                connection,
                [
                    new_line_row(
                        self.id, line, self._jobs[line.digest] if line.job else None, line.faults
                    )
                    for line in lines
                ],
            )

    def copy(self, lines: Sequence[CopiedLine]) -> None:
        """Record lines of another batch of the same caller, with new jobs for their documents.

        A line whose job was deleted has no document any more and is refused. Raises what `add`
        does.
        """
        with self._transaction(len(lines)) as (connection, at):
            wanted = {line.job_id for line in lines if line.job_id} - self._jobs.keys()
            found = copied_rows(connection, sorted(wanted), self._caller_id)
            fresh = {job_id: new for job_id, (new, _) in found.items()}
            sizes = {job_id: size for job_id, (_, size) in found.items()}
            made = self._make_jobs(connection, fresh, at, sizes)
            if made:
                pairs = [{"job_id": job_id, "old_id": new.retry_of} for job_id, new in made.items()]
                connection.execute(_COPY_DOCUMENT, pairs)
            gone = (
                Fault("", "job_deleted", "The job of this line was deleted, with its document."),
            )
            self._write(
                connection,
                [
                    new_line_row(self.id, line, job_id, () if job_id else gone)
                    for line in lines
                    for job_id in (self._jobs.get(line.job_id or ""),)
                ],
            )

    def accept(self, body_sha256: str | None = None) -> bool:
        """Make it a batch that is there, and let its jobs go; False if its key has made one before.

        `body_sha256` goes with the key. RequestError 429 as `add`: exact, however many batches are
        accepted at the same time.
        """
        now = whole_milliseconds(self._clock())
        with self._engine.begin() as connection:
            lock_caller(connection, self._caller_id)
            if self._made_before(connection, now):
                return False
            refuse_beyond(connection, self._caller_id, now, self.line_count, self._lines_per_hour)
            self._accept(connection, now, body_sha256)
            self._let_go(connection, now)
        return True

    def discard(self) -> None:
        """Leave nothing of it, unless it was accepted."""
        if self._begun:
            remove(self._engine, self.id, batches.c.accepted_at.is_(None), self._clock())

    @contextmanager
    def _transaction(self, count: int) -> Iterator[tuple[Connection, datetime]]:
        """Around the recording of `count` lines; the first one makes the batch's row."""
        at = whole_milliseconds(self._clock())
        total = self.line_count + count
        try:
            with self._coming_in.begin() as connection:
                if not self._made_before(connection, at):
                    refuse_beyond(connection, self._caller_id, at, total, self._lines_per_hour)
                if not self._begun:
                    connection.execute(batches.insert(), self._row(at))
                yield connection, at
        except IntegrityError as error:
            raise _lost() from error
        self._begun = True

    def _make_jobs(
        self,
        connection: Connection,
        fresh: Mapping[Any, NewJob],
        at: datetime,
        sizes: Mapping[Any, Size] = MappingProxyType({}),
    ) -> dict[str, NewJob]:
        """Record jobs, in the order of their lines, which is that of their ids; each by its id."""
        if not fresh:
            return {}
        self._ids_at = max(at, self._ids_at + _MILLISECOND)
        ids = sorted(new_id("job", self._ids_at) for _ in fresh)
        self._jobs.update(zip(fresh, ids, strict=True))
        made = dict(zip(ids, fresh.values(), strict=True))
        rows = []
        for key, (job_id, new) in zip(fresh, made.items(), strict=True):
            if new.start_within_seconds is not None:  # counted from the acceptance on
                self._start_within[new.start_within_seconds].append(job_id)
            own = {"id": job_id, "batch_id": self.id, "lane": Lane.HELD, "start_by": None}
            rows.append({**new_job_row(new, at), **own, **sizes.get(key, {})})
        connection.execute(jobs.insert(), rows)
        return made

    def _write(self, connection: Connection, lines: Sequence[dict[str, Any]]) -> None:
        connection.execute(batch_lines.insert(), lines)
        self.line_count += len(lines)
        self.refused_count += sum(line["job_id"] is None for line in lines)

    def _made_before(self, connection: Connection, now: datetime) -> bool:
        """Whether there is a batch that its key has made in the last day."""
        if self._key is None:
            return False
        earlier = select(batches.c.id).where(
            batches.c.caller_id == self._caller_id,
            batches.c.idempotency_key == self._key,
            batches.c.accepted_at > now - KEPT,
        )
        return connection.execute(earlier).first() is not None

    def _accept(self, connection: Connection, now: datetime, body_sha256: str | None) -> None:
        if self._key is not None:
            make_way(connection, batches, self._caller_id, self._key, now)
        accepted = connection.execute(
            update(batches)
            .where(
                batches.c.id == self.id,
                batches.c.accepted_at.is_(None),
                batches.c.finished_at.is_(None),  # see `removal`
            )
            .values(
                accepted_at=now,
                line_count=self.line_count,
                refused_count=self.refused_count,
                job_count=len(self._jobs),
                idempotency_key=self._key,
                idempotency_sha256=body_sha256,
            )
        ).rowcount
        if accepted != 1:
            raise _lost()

    def _let_go(self, connection: Connection, now: datetime) -> None:
        """Give its jobs to admission, and those that ask for it a time to start by."""
        for seconds, job_ids in self._start_within.items():
            go = {"lane": Lane.BATCH, "start_by": now + timedelta(seconds=seconds)}
            for start in range(0, len(job_ids), _AT_ONCE):
                some = jobs.c.id.in_(job_ids[start : start + _AT_ONCE])
                connection.execute(update(jobs).where(some).values(go))
        connection.execute(
            update(jobs)
            .where(jobs.c.batch_id == self.id, jobs.c.lane == Lane.HELD)
            .values(lane=Lane.BATCH)
        )

    def _row(self, at: datetime) -> dict[str, Any]:
        return {
            "id": self.id,
            "caller_id": self._caller_id,
            "retry_of": self._retry_of,
            "created_at": at,
            "revision": 1,
            "max_cost_usd": self._max_cost_usd,
            **dict.fromkeys(_FROM_ZERO, 0),
        }


def _lost() -> TransientError:
    return TransientError("batch_lost", "The batch took too long to come in, and was given up.")
