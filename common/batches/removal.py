"""Takes a batch out of the database, piece by piece, so that nobody else waits long."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Engine, delete, func, literal, select, update

from common.db.tables import Moment, batch_lines, batches, jobs

AT_ONCE: Final = 500


def remove(engine: Engine, batch_id: str, still: ColumnElement[bool], now: datetime) -> None:
    """Remove the lines, the jobs with their documents, and at last the batch itself.

    Nothing, where `still` is not true of the batch (any more). Only the jobs' rows: it is for
    batches whose jobs have left no files.
    """
    with engine.begin() as connection:
        # A batch with an end is accepted by nobody, so from here on it is ours
        found = connection.execute(
            update(batches)
            .where(batches.c.id == batch_id, still)
            .values(finished_at=func.coalesce(batches.c.finished_at, literal(now, Moment)))
        ).rowcount
        if found == 0:
            return
        connection.execute(delete(batch_lines).where(batch_lines.c.batch_id == batch_id))
    some = select(jobs.c.id).where(jobs.c.batch_id == batch_id).limit(AT_ONCE)
    while True:
        with engine.begin() as connection:
            removed = connection.execute(delete(jobs).where(jobs.c.id.in_(some))).rowcount
        if removed < AT_ONCE:
            break
    with engine.begin() as connection:
        # Who is still recording lines of it either has by now, or will find no batch
        connection.execute(select(batches.c.id).where(batches.c.id == batch_id).with_for_update())
        connection.execute(delete(jobs).where(jobs.c.batch_id == batch_id))
        connection.execute(delete(batches).where(batches.c.id == batch_id))
