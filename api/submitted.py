"""A request that makes a job: it is recorded, and answered at once or when it has finished."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import Services, services_of
from api.job_members import job_response
from api.preferences import read_wait
from common.clock import monotonic
from common.errors import TransientError
from common.jobs.job import Job
from common.jobs.new_job import NewJob, Wish


async def record(
    services: Services, caller_id: str, wish: Wish | None, read: Callable[[], NewJob]
) -> Job:
    """The job that an equal request has made before, else that of `read`, once it is durable.

    Raises what `read` does, and what JobStore.submit does.
    """
    found = await run_sync(_found_or_read, services, caller_id, wish, read)
    return (await services.recorder.submit(found)).job if isinstance(found, NewJob) else found


async def answer_submitted(request: Request, job: Job) -> Response:
    """202 with the job, `Location` and `Retry-After`.

    With `Prefer: wait=N` it is given N seconds to finish: 200 with the finished job, else 202 with
    the job as it is then. No thread is held meanwhile. RequestError 404 if it is deleted meanwhile.
    """
    services = services_of(request)
    wait = read_wait(request)
    if wait is None:
        return job_response(job, services.clock(), status=202, location=True)
    job = await _finished(services, job, wait)
    status = 200 if job.finished else 202
    answer = job_response(job, services.clock(), status=status, location=True)
    answer.headers["Preference-Applied"] = f"wait={wait}"
    return answer


def _found_or_read(
    services: Services, caller_id: str, wish: Wish | None, read: Callable[[], NewJob]
) -> NewJob | Job:
    earlier = services.jobs.find_wished(caller_id, wish) if wish is not None else None
    return read() if earlier is None else earlier


async def _finished(services: Services, job: Job, within_seconds: float) -> Job:
    """The job once it has finished, or as it is at the end of the time."""
    deadline = monotonic() + within_seconds
    changed = not job.finished and within_seconds > 0
    while changed:
        changed = await services.watch.changed(job.id, job.revision, deadline - monotonic())
        # The job is accepted; that is to be said, even if no more can be found out about it.
        with contextlib.suppress(TransientError):
            # Also if nothing changed: its place in the queue may have.
            job = await services.desk.call(partial(services.jobs.get, job.caller_id, job.id))
        changed = changed and not job.finished and monotonic() < deadline
    return job
