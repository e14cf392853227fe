"""Removes what was kept for long enough: first the files of a job, later the job itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, delete, false, select, update

from common.clock import monotonic
from common.db.engine import reading
from common.db.tables import jobs
from common.errors import TransientError
from common.jobs.retention import Retention
from common.jobs.wishes import clear_old

AT_ONCE: Final = 200
"""Jobs that one round removes at most, of each kind; the next round goes on."""
ENOUGH_SECONDS: Final = 5.0
"""For all rounds together: a process that could run jobs is busy with them."""

log = logging.getLogger("backbone.jobs")


@dataclass(frozen=True, slots=True)
class Expired:
    """How many jobs lost their files, and how many are forgotten."""

    outputs: int
    jobs: int
    stuck: int = 0
    """Of how many the files could not be removed; they are due next time, too"""


def expire(
    engine: Engine,
    now: datetime,
    retention: Retention,
    delete_files: Callable[[str], None],
    *,
    within_seconds: float = ENOUGH_SECONDS,
) -> Expired:
    """Remove what is due at `now`; `delete_files("jobs/<id>")` removes the files of a job.

    Keys of wishes that are older than a day go as well. No round begins after `within_seconds`:
    whatever is left is due next time, too, as is a job whose files can't be removed now.
    """
    until = monotonic() + within_seconds
    clear_old(engine, now)
    files = _Files(delete_files, until)
    outputs = forgotten = 0
    while True:
        without_files, old = _find_due(engine, now, retention, files.stuck)
        outputs += _mark_deleted(engine, files.delete(without_files))
        forgotten += _forget(engine, files.delete(old))
        if max(len(without_files), len(old)) < AT_ONCE or monotonic() >= until:
            return Expired(outputs, forgotten, len(files.stuck))


class _Files:
    """Removes files of jobs; one whose files can't be removed keeps no other from being expired."""

    def __init__(self, delete_files: Callable[[str], None], until: float) -> None:
        self._delete = delete_files
        self._until = until
        self._deleted: set[str] = set()
        self.stuck: set[str] = set()

    def delete(self, job_ids: Sequence[str]) -> list[str]:
        """Those of the jobs whose files are gone now."""
        for job_id in job_ids:
            if job_id in self._deleted or job_id in self.stuck:
                continue
            if self.stuck and monotonic() >= self._until:  # each may take long to fail
                self.stuck.add(job_id)
                continue
            try:
                self._delete(f"jobs/{job_id}")
            except TransientError as error:
                self.stuck.add(job_id)
                log.warning("files.stuck", extra={"job_id": job_id, "reason": error.message})
            else:
                self._deleted.add(job_id)
        return [job_id for job_id in job_ids if job_id in self._deleted]


def _find_due(
    engine: Engine, now: datetime, retention: Retention, stuck: Collection[str]
) -> tuple[list[str], list[str]]:
    """Jobs whose files are due, and jobs that are due themselves: some of each."""
    without_files = select(jobs.c.id).where(
        jobs.c.output_deleted == false(), jobs.c.expires_at <= now
    )
    old = select(jobs.c.id).where(jobs.c.finished_at <= now - retention.jobs)
    due = (without_files, old)
    if stuck:
        due = (without_files.where(jobs.c.id.not_in(stuck)), old.where(jobs.c.id.not_in(stuck)))
    with reading(engine).connect() as connection:
        files, whole = ([*connection.execute(each.limit(AT_ONCE)).scalars()] for each in due)
    return files, whole


# The files go first: whoever comes in between finds a job whose files have expired, and a round
# that was broken off is simply done again.


def _mark_deleted(engine: Engine, job_ids: Sequence[str]) -> int:
    if job_ids:
        with engine.begin() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.id.in_(job_ids))
                .values(output_deleted=True, revision=jobs.c.revision + 1)
            )
    return len(job_ids)


def _forget(engine: Engine, job_ids: Sequence[str]) -> int:
    if job_ids:
        with engine.begin() as connection:
            connection.execute(delete(jobs).where(jobs.c.id.in_(job_ids)))
    return len(job_ids)
