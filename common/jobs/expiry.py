"""Removes what was kept for long enough: first the files of a job, later the job itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, delete, false, select, update

from common.clock import monotonic
from common.db.engine import reading
from common.db.tables import jobs
from common.jobs.retention import Retention
from common.jobs.wishes import clear_old

AT_ONCE: Final = 200
"""Jobs that one round removes at most, of each kind; the next round goes on."""
ENOUGH_SECONDS: Final = 5.0
"""For all rounds together: a process that could run jobs is busy with them."""


@dataclass(frozen=True, slots=True)
class Expired:
    """How many jobs lost their files, and how many are forgotten."""

    outputs: int
    jobs: int


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
    whatever is left is due next time, too.
    """
    until = monotonic() + within_seconds
    clear_old(engine, now)
    outputs = forgotten = 0
    while True:
        done = _round(engine, now, retention, delete_files)
        outputs += done.outputs
        forgotten += done.jobs
        if max(done.outputs, done.jobs) < AT_ONCE or monotonic() >= until:
            return Expired(outputs, forgotten)


def _round(
    engine: Engine, now: datetime, retention: Retention, delete_files: Callable[[str], None]
) -> Expired:
    """Remove some of what is due.

    The files go first: whoever comes in between finds a job whose files have expired, and a round
    that was broken off is simply done again.
    """
    with reading(engine).connect() as connection:
        old = connection.execute(
            select(jobs.c.id)
            .where(jobs.c.output_deleted == false(), jobs.c.expires_at <= now)
            .limit(AT_ONCE)
        )
        without_files = [row.id for row in old]
        forgotten = [
            row.id
            for row in connection.execute(
                select(jobs.c.id).where(jobs.c.finished_at <= now - retention.jobs).limit(AT_ONCE)
            )
        ]
    for job_id in {*without_files, *forgotten}:
        delete_files(f"jobs/{job_id}")
    if without_files:
        with engine.begin() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.id.in_(without_files))
                .values(output_deleted=True, revision=jobs.c.revision + 1)
            )
    if forgotten:
        with engine.begin() as connection:
            connection.execute(delete(jobs).where(jobs.c.id.in_(forgotten)))
    return Expired(len(without_files), len(forgotten))
