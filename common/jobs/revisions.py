"""The revisions of jobs, and nothing else of them: what a long poll looks at."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import Engine, bindparam, select

from common.db.engine import reading
from common.db.tables import jobs

_READ: Final = select(jobs.c.id, jobs.c.revision).where(
    jobs.c.id.in_(bindparam("ids", expanding=True))
)
_AT_ONCE: Final = 500


class RevisionReader:
    """Reads the revisions of many jobs at once."""

    def __init__(self, engine: Engine) -> None:
        self._reader = reading(engine)

    def read(self, job_ids: Collection[str]) -> dict[str, int]:
        """The revision of each job that exists; TransientError when there is no database."""
        wanted = list(job_ids)
        found: dict[str, int] = {}
        with self._reader.connect() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                rows = connection.execute(_READ, {"ids": wanted[start : start + _AT_ONCE]})
                found.update((row[0], row[1]) for row in rows)
        return found
