"""Takes a batch out of the database, piece by piece, so that nobody else waits long."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine, delete, select

from common.db.tables import batch_lines, batches, jobs

AT_ONCE: Final = 500


def remove(engine: Engine, batch_id: str) -> None:
    """Remove the lines, the jobs with their documents, and at last the batch itself.

    Only the jobs' rows: it is for batches whose jobs have left no files.
    """
    with engine.begin() as connection:
        connection.execute(delete(batch_lines).where(batch_lines.c.batch_id == batch_id))
    some = select(jobs.c.id).where(jobs.c.batch_id == batch_id).limit(AT_ONCE)
    while True:
        with engine.begin() as connection:
            removed = connection.execute(delete(jobs).where(jobs.c.id.in_(some))).rowcount
        if removed < AT_ONCE:
            break
    with engine.begin() as connection:
        connection.execute(delete(batches).where(batches.c.id == batch_id))
