"""`GET /jobs/{id}/events`: what happened to a job, from wherever one left off."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import READ_JOB, GuardedJob, services_of
from api.envelope import PREFIX
from api.openapi import problems
from api.wire import EventsShape
from common.jobs.events import JobEvent

router = APIRouter(prefix=f"{PREFIX}/jobs", tags=["jobs"])

_LAST_REVISION: Final = (1 << 63) - 1


@router.get(
    "/{job_id}/events",
    summary="Read a job's events",
    response_class=Response,
    responses={200: {"model": EventsShape}, **problems(404, 422)},
)
async def list_events(
    request: Request,
    guarded: Annotated[GuardedJob, Depends(READ_JOB)],
    *,
    after: Annotated[
        int, Query(ge=0, le=_LAST_REVISION, description="The last revision that is known.")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    wait: Annotated[
        int, Query(ge=0, le=60, description="Seconds to wait for the next, if there is none.")
    ] = 0,
) -> Response:
    """The job's changes since a revision, oldest first; go on with `after=` the `next_after`.

    With `wait` and nothing new the answer comes with the next change; at once if the job has
    finished, for nothing will follow.
    """
    services = services_of(request)
    job = guarded.job
    read = partial(services.events.read, job.id, after=after, limit=limit)
    events = await services.desk.call(read)
    waits = wait and not job.finished and not events
    if waits and await services.watch.changed(job.id, job.revision, wait):
        events = await services.desk.call(read)
        if not events:  # is it gone?
            await services.desk.call(partial(services.jobs.get, job.caller_id, job.id))
    last = events[-1].revision if events else after
    members = {"items": [_members(event) for event in events], "next_after": last}
    headers = {"cache-control": "no-cache"}
    if not job.finished:
        headers["retry-after"] = "1"
    body = orjson.dumps(members, option=orjson.OPT_UTC_Z)
    return Response(body, 200, headers, "application/json")


def _members(event: JobEvent) -> dict[str, object]:
    return {
        "revision": event.revision,
        "at": event.at,
        "status": event.status,
        "stage": event.stage,
        "progress": {"done": event.progress_done, "total": event.progress_total},
    }
