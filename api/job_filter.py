"""The filters of lists of jobs, as they stand in the query."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from starlette.requests import Request

from common.errors import RequestError
from common.jobs.job import JobStatus
from common.jobs.new_job import JobFilter

_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]", re.ASCII)


async def read_job_filter(
    request: Request,
    *,
    status: JobStatus | None = None,
    project_name: str | None = None,
    batch_id: str | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
) -> JobFilter:
    """Which jobs a list shall hold; RequestError 422 for a moment without its offset."""
    for name, moment in (("created_after", created_after), ("created_before", created_before)):
        # Pydantic would take a number for the seconds since 1970
        written = _RFC_3339.match(request.query_params.get(name, "")) is not None
        if moment is not None and (moment.tzinfo is None or not written):
            message = f"{name} is no moment with its offset, such as 2026-01-31T12:00:00Z."
            raise RequestError(422, "invalid_parameter", message)
    return JobFilter(status, project_name, batch_id, created_after, created_before)
