"""What a caller asks for, and how it is answered, before a worker knows of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from common.errors import Fault
from common.ids import new_id
from common.jobs.job import VERIFICATION_WARNING, Job, JobStatus
from common.jobs.sizes import size_of


@dataclass(frozen=True, slots=True)
class Wish:
    """An `Idempotency-Key` (as unquoted text) with the SHA-256 of the body that came with it."""

    key: str
    body_sha256: str


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be recorded. `document` is the JSON value to be stored (`Reading.raw`)."""

    caller_id: str
    document: object
    project_name: str | None = None
    kind: str = "generate"
    warnings: Sequence[Fault] = ()
    wish: Wish | None = None
    timeout_seconds: int | None = None
    """The document's `run.timeout_seconds`"""
    start_within_seconds: int | None = None
    """The document's `run.start_within_seconds`"""
    batch_id: str | None = None
    retry_of: str | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """The job as it is now; `created` is False if an earlier, equal request had made it."""

    job: Job
    created: bool


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which of a caller's jobs to list; None does not restrict. The times are exclusive."""

    status: JobStatus | None = None
    project_name: str | None = None
    batch_id: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class JobPage:
    """Jobs, newest first; `next_cursor` is None on the last page."""

    items: tuple[Job, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Output:
    """Where the files and the report of a job are.

    `key` is None while nothing is stored; `expired` says that something was, and is gone.
    `<key>/project.zip` holds the files, `<key>/report.json` the report. Only a job with
    `job.artifact` offers the zip itself.
    """

    job: Job
    key: str | None
    expired: bool


def new_job_row(new: NewJob, at: datetime) -> dict[str, Any]:
    """The row of the table `jobs` that records it, with a fresh id; queued since `at`."""
    start_by = None
    if new.start_within_seconds is not None:
        start_by = at + timedelta(seconds=new.start_within_seconds)
    warnings = [
        {"pointer": warning.pointer, "code": warning.code, "message": warning.message}
        for warning in new.warnings
    ]
    return {
        "id": new_id("job", at),
        "caller_id": new.caller_id,
        "kind": new.kind,
        "status": JobStatus.QUEUED.value,
        "progress_done": 0,
        "progress_total": 0,
        "revision": 1,
        "project_name": new.project_name,
        "batch_id": new.batch_id,
        "retry_of": new.retry_of,
        "attempt_count": 0,
        "created_at": at,
        "warnings": warnings or None,
        "fault_count": 0,
        "send_count": 0,
        "start_by": start_by,
        "timeout_seconds": new.timeout_seconds,
        "output_deleted": False,
        "idempotency_key": new.wish.key if new.wish else None,
        "idempotency_sha256": new.wish.body_sha256 if new.wish else None,
        **size_of(new.document),
    }


def submission_warnings(warnings: Iterable[Mapping[str, str]]) -> list[Fault]:
    """Those of a job's warnings that its submission gave.

    What the checks of its run had to say is for another run to find out.
    """
    return [
        Fault(each["pointer"], each["code"], each["message"])
        for each in warnings
        if each["code"] != VERIFICATION_WARNING
    ]


def document_text(document: object) -> str:
    """A document as it is stored."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
