"""What keeps a worker that lost its job from writing: every write names its attempt."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Update, bindparam, update

from common.db.tables import jobs
from common.jobs.claim import Claim, LeaseLostError
from common.jobs.job import JobStatus

FENCED: Final = (
    jobs.c.id == bindparam("job_id"),
    jobs.c.status == JobStatus.RUNNING.value,
    jobs.c.attempt_count == bindparam("fence"),
)
"""Whether the claim of `fence` still holds."""
_UNASKED: Final = jobs.c.cancel_requested_at.is_(None)


def fence(claim: Claim) -> dict[str, Any]:
    """The parameters of `FENCED`."""
    return {"job_id": claim.job.id, "fence": claim.fence}


def lost(claim: Claim) -> LeaseLostError:
    """What whoever wrote under a claim that does not hold any more gets."""
    return LeaseLostError(f"{claim.job.id}: attempt {claim.fence} no longer holds the job")


def write_fenced(
    connection: Connection,
    claim: Claim,
    change: dict[str, Any],
    *,
    seen: bool = True,
    unasked: bool = False,
) -> bool:
    """Change the job; False if the claim no longer holds.

    With `unasked` also if its caller wants it to stop. `seen` is whether callers see the change.
    """
    statement = _change_of(tuple(change), seen=seen, unasked=unasked)
    values = {f"new_{name}": value for name, value in change.items()}
    return connection.execute(statement, fence(claim) | values).rowcount == 1


@cache
def _change_of(names: tuple[str, ...], *, seen: bool, unasked: bool) -> Update:
    """The fenced change of these columns: there are few such sets, and building one takes long."""
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    if seen:
        values["revision"] = jobs.c.revision + 1
    conditions = (*FENCED, _UNASKED) if unasked else FENCED
    return update(jobs).where(*conditions).values(values)
