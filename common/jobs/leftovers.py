"""Removes files whose job is gone: what could not be removed with it, or was written after that."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

from sqlalchemy import Engine, select

from common.db.engine import reading
from common.db.tables import jobs
from common.errors import TransientError
from common.ids import is_job_id

AT_ONCE: Final = 500
"""Jobs that one query asks for."""

log = logging.getLogger("backbone.jobs")


def sweep(engine: Engine, names: Iterable[str], delete_files: Callable[[str], None]) -> int:
    """Remove `jobs/<id>` of each of `names` that is the id of a job which is gone; how many.

    Files are only ever written for a job that is in the database, so `names` must have been listed
    before. What is not called like a job is not ours.
    """
    done = 0
    rest = iter([name for name in names if is_job_id(name)])
    while some := set(islice(rest, AT_ONCE)):
        with reading(engine).connect() as connection:
            known = set(connection.execute(select(jobs.c.id).where(jobs.c.id.in_(some))).scalars())
        for job_id in sorted(some - known):
            try:
                delete_files(f"jobs/{job_id}")
            except TransientError as error:  # next time
                log.warning("files.stuck", extra={"job_id": job_id, "reason": error.message})
            else:
                done += 1
    return done
