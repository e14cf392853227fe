"""The jobs as their callers see them: submit, read, list, cancel, delete.

The database is the truth. Every method is one short transaction and does nothing else while it is
open; none of them speaks to the queue. Methods raise `TransientError` when there is no database.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Engine,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from common.batches.finishing import Ended, note_ended
from common.batches.following import follow_spent
from common.clock import Clock
from common.cursors import make_cursor
from common.db.engine import reading
from common.db.tables import job_documents, jobs
from common.document.prompt import is_prompt
from common.errors import RequestError, TransientError
from common.ids import is_job_id, whole_milliseconds
from common.jobs.job import Job, JobStatus
from common.jobs.listing import select_page
from common.jobs.new_job import (
    JobFilter,
    JobPage,
    NewJob,
    Output,
    Submitted,
    Wish,
    document_text,
    new_job_row,
)
from common.jobs.places import Places
from common.jobs.rows import JOB_COLUMNS, job_from_row
from common.jobs.states import ended_waiting
from common.jobs.waiting import OLDEST_QUEUED
from common.jobs.wakes import Tell, nobody
from common.jobs.wishes import FIND_WISHED, KEPT, key_reused, make_way

MAX_PAGE: Final = 100
_TRIES: Final = 5
"""To get a key that others take and let go of at the same instant."""

_FIND: Final = select(*JOB_COLUMNS).where(
    jobs.c.id == bindparam("job_id"), jobs.c.caller_id == bindparam("caller")
)
_LOCK: Final = _FIND.with_for_update()
_INSERT: Final = jobs.insert()
_INSERT_DOCUMENT: Final = job_documents.insert()


def no_such_job() -> RequestError:
    """The one answer for another caller's job and for an id that never was."""
    return RequestError(404, "job_not_found", "There is no such job.")


class JobStore:
    """The jobs in one database; safe to share between threads, not across a fork.

    With `slots` (how many jobs run at a time) `find` and `get` tell where a job stands in the
    queue, and how long it may still take. `tell` hears of jobs that were cancelled or deleted.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        slots: int | None = None,
        max_running_per_caller: int | None = None,
        tell: Tell = nobody,
    ) -> None:
        self._engine = engine
        self._reader = reading(engine)
        self._clock = clock
        self._tell = tell
        self._places: Places | None = None
        if slots is not None:
            most = max_running_per_caller
            self._places = Places(engine, clock, slots=slots, max_running_per_caller=most)

    def submit(self, new: NewJob) -> Submitted:
        """Record a job, durably, with status `queued`.

        With a wish whose key was used less than a day ago, the job that it made then. Raises
        RequestError 422 `idempotency_key_reused` if that was with another body.
        """
        return self._submit_together([new])[0]

    def submit_all(self, news: Sequence[NewJob]) -> list[Submitted | Exception]:
        """Record several jobs in one transaction; each outcome is what `submit` returns or raises.

        What makes a commit durable costs the same for one as for a hundred. Where one of them can't
        be recorded, each is by itself: what is wrong with one concerns no other.
        """
        try:
            return [*self._submit_together(news)]
        except TransientError:
            raise
        except Exception as error:  # noqa: BLE001 - whoever submitted the job gets it
            return [error] if len(news) == 1 else [self._outcome(new) for new in news]

    def _outcome(self, new: NewJob) -> Submitted | Exception:
        try:
            return self.submit(new)
        except Exception as error:  # noqa: BLE001 - those before are recorded, whatever this one is
            return error

    def _submit_together(self, news: Sequence[NewJob]) -> list[Submitted]:
        rows = [new_job_row(new, self._now()) for new in news]
        documents = [
            {
                "job_id": row["id"],
                "document": document_text(new.document),
            }
            for new, row in zip(news, rows, strict=True)
        ]
        held: Wish | None = None
        for tries_left in reversed(range(_TRIES)):
            try:
                self._insert(rows, documents, held)
                break
            except IntegrityError:
                if len(news) > 1:  # one of them was wished for before
                    raise
                earlier = self._earlier(news[0])
                if earlier is not None:
                    return [earlier]
                held = news[0].wish  # by an old job, or by one that was deleted in between
                if held is None or not tries_left:
                    raise
        return [Submitted(_queued_job(row), created=True) for row in rows]

    def find(self, caller_id: str, job_id: str) -> Job | None:
        """The caller's job, or None for another's and for an id of any form that never was."""
        if not is_job_id(job_id):
            return None
        with self._reader.connect() as connection:
            row = connection.execute(_FIND, {"job_id": job_id, "caller": caller_id}).first()
        return None if row is None else self._placed(job_from_row(row))

    def get(self, caller_id: str, job_id: str) -> Job:
        """The caller's job; RequestError 404 where `find` finds none."""
        job = self.find(caller_id, job_id)
        if job is None:
            raise no_such_job()
        return job

    def find_wished(self, caller_id: str, wish: Wish) -> Job | None:
        """The job that this key made in the last day, so that an equal request does nothing more.

        Raises RequestError 422 `idempotency_key_reused` if the body was another.
        """
        with self._reader.connect() as connection:
            since = self._now() - KEPT
            wished = {"caller": caller_id, "key": wish.key, "since": since}
            row = connection.execute(FIND_WISHED, wished).first()
        if row is None:
            return None
        if row.idempotency_sha256 != wish.body_sha256:
            raise key_reused()
        return self._placed(job_from_row(row))

    def list(
        self, caller_id: str, only: JobFilter, *, limit: int = 20, cursor: str | None = None
    ) -> JobPage:
        """The caller's jobs, newest first, at most `limit` (and `MAX_PAGE`) of them.

        `cursor` is the `next_cursor` of the page before; RequestError 400 if it is not one.
        """
        limit = max(1, min(limit, MAX_PAGE))
        statement = select_page(JOB_COLUMNS, only, caller_id=caller_id, limit=limit, cursor=cursor)
        with self._reader.connect() as connection:
            rows = connection.execute(statement).all()
        items = tuple(job_from_row(row) for row in rows[:limit])
        more = len(rows) > limit
        return JobPage(items, make_cursor(items[-1].id) if more else None)

    def get_output(self, caller_id: str, job_id: str) -> Output:
        """Where the job's files are; RequestError 404 if it is not the caller's."""
        if not is_job_id(job_id):
            raise no_such_job()
        with self._reader.connect() as connection:
            row = connection.execute(_FIND, {"job_id": job_id, "caller": caller_id}).first()
        if row is None:
            raise no_such_job()
        job = job_from_row(row)
        expired = bool(row.output_deleted) or (
            job.expires_at is not None and job.expires_at <= self._clock()
        )
        return Output(job, None if expired else row.output_key, expired)

    def request_cancel(self, caller_id: str, job_id: str) -> Job:
        """Stop a job: at once if no worker has it, else as soon as the worker has seen it.

        Returns the job as it is now; a finished one stays as it was. RequestError 404.
        """
        spent: list[str] = []
        with self._engine.begin() as connection:
            job = _lock(connection, caller_id, job_id)
            if job.finished:
                return job
            if job.status is JobStatus.RUNNING and job.cancel_requested_at is not None:
                return job  # its worker has been told
            now = self._clock()
            change: dict[str, Any] = {"cancel_requested_at": now, "revision": job.revision + 1}
            if job.status is not JobStatus.RUNNING:
                change |= ended_waiting(now)
            changed = _change(connection, job_id, change)
            if changed.finished:
                ended = Ended(job.batch_id, changed.status, job_id)
                spent = note_ended(connection, [ended], now)
        self._tell(job_id)
        follow_spent(self._engine, self._clock, spent)
        return changed

    def delete(self, caller_id: str, job_id: str) -> None:
        """Forget a job and its document; its files under `jobs/<id>` are the caller's to remove.

        RequestError 404 if there is none, 409 `job_running` while a worker has it.
        """
        spent: list[str] = []
        with self._engine.begin() as connection:
            job = _lock(connection, caller_id, job_id)
            if job.status is JobStatus.RUNNING:
                raise RequestError(
                    409, "job_running", "The job is running; cancel it first, then delete it."
                )
            if not job.finished:  # its batch must not wait for it
                ended = Ended(job.batch_id, JobStatus.CANCELLED, job_id)
                spent = note_ended(connection, [ended], self._clock())
            connection.execute(jobs.delete().where(jobs.c.id == job_id))
        self._tell(job_id)
        follow_spent(self._engine, self._clock, spent)

    def get_document(self, caller_id: str, job_id: str) -> object:
        """What was sent, as it was stored: a document or a prompt.

        RequestError 404, 410 if the job is there without it.
        """
        return json.loads(self._stored(caller_id, job_id).document)

    def get_designed(self, caller_id: str, job_id: str) -> str:
        """The document as JSON text: as it was sent, or what a model made of a prompt.

        RequestError 404, 409 `not_ready` while there is none, 410 if the job is there without it.
        """
        stored = self._stored(caller_id, job_id)
        text: str = stored.designed or stored.document
        if stored.designed is None and is_prompt(json.loads(text)):
            raise RequestError(409, "not_ready", "The job has not designed a document yet.")
        return text

    def _stored(self, caller_id: str, job_id: str) -> Any:  # noqa: ANN401 - a Row
        self.get(caller_id, job_id)
        with self._reader.connect() as connection:
            row = connection.execute(
                select(job_documents.c.document, job_documents.c.designed).where(
                    job_documents.c.job_id == job_id
                )
            ).first()
        if row is None:
            raise RequestError(410, "document_gone", "The document of this job is gone.")
        return row

    def count_by_status(self) -> dict[JobStatus, int]:
        """How many jobs of all callers there are in each status; every status is a member."""
        with self._reader.connect() as connection:
            rows = connection.execute(select(jobs.c.status, func.count()).group_by(jobs.c.status))
            found = {row[0]: row[1] for row in rows}
        return {status: found.get(status.value, 0) for status in JobStatus}

    def oldest_queued_at(self) -> datetime | None:
        """When the job that has waited longest was accepted."""
        with self._reader.connect() as connection:
            return connection.execute(OLDEST_QUEUED).scalar()

    def ping(self) -> None:
        """Return if the database answers; TransientError if it does not."""
        with self._reader.connect() as connection:
            connection.execute(select(jobs.c.id).limit(1)).first()

    def _placed(self, job: Job) -> Job:
        return job if job.finished or self._places is None else self._places.placed(job)

    def _insert(
        self,
        rows: Sequence[dict[str, Any]],
        documents: Sequence[dict[str, Any]],
        held: Wish | None,
    ) -> None:
        with self._engine.begin() as connection:
            if held is not None:
                make_way(connection, jobs, rows[0]["caller_id"], held.key, self._now())
            connection.execute(_INSERT, rows)
            connection.execute(_INSERT_DOCUMENT, documents)

    def _earlier(self, new: NewJob) -> Submitted | None:
        job = self.find_wished(new.caller_id, new.wish) if new.wish else None
        return None if job is None else Submitted(job, created=False)

    def _now(self) -> datetime:
        return whole_milliseconds(self._clock())


def _lock(connection: Connection, caller_id: str, job_id: str) -> Job:
    if not is_job_id(job_id):
        raise no_such_job()
    row = connection.execute(_LOCK, {"job_id": job_id, "caller": caller_id}).first()
    if row is None:
        raise no_such_job()
    return job_from_row(row)


def _change(connection: Connection, job_id: str, change: dict[str, Any]) -> Job:
    statement = update(jobs).where(jobs.c.id == job_id).values(change).returning(*JOB_COLUMNS)
    return job_from_row(connection.execute(statement).one())


def _queued_job(row: dict[str, Any]) -> Job:
    return job_from_row([row.get(column.name) for column in jobs.c if column.name in _SEEN])


_SEEN: Final = frozenset(column.name for column in JOB_COLUMNS)
