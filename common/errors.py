"""Every error the platform raises on purpose.

    BackboneError
    ├── RequestError          the caller is at fault, or has to wait: becomes problem+json
    ├── GenerationError       the job is at fault: recorded on the job, never tried again by itself
    ├── TransientError        the world is at fault: the job is tried again, then recorded
    └── DeferredError         nobody is at fault: the job goes on at a moment that is known

They are raised where the fault is found and turned into an answer in one place:
`api/error_handlers.py` for HTTP, `workers/tasks.py` for jobs, `backbone/main.py` for the command
line. Anything else that is raised is a bug.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from common.jobs.codes import ErrorCode


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong (or, as a warning, odd) at one place of what was sent.

    `pointer` is RFC 6901 into the document as it was sent (`""` is the whole of it), `code` is
    stable and for programs, `message` is for people.
    """

    pointer: str
    code: str
    message: str


class BackboneError(Exception):
    """Something went wrong in a way that has a name."""


class RequestError(BackboneError):
    """A request that can't be served; carries all that the HTTP answer needs.

    `code` becomes the last segment of the problem's `type`; `extra` are further members of the
    problem (for instance the `error`, `message` and `retry_after` of a 429).
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})


class GenerationError(BackboneError):
    """A job that can't succeed by being tried again; `retryable` if a new one may, later."""

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        stage: str | None = None,
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.stage = stage
        self.retryable = retryable


class TransientError(BackboneError):
    """A failure of the surroundings (disk, database, broker) that may be gone next time.

    `code` is an ErrorCode where a job may meet it.
    """

    def __init__(self, code: str, message: str, *, retry_after_seconds: float = 5.0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after_seconds = retry_after_seconds


class DeferredError(BackboneError):
    """A job that has to wait until a moment, because of a quota; it counts as no attempt.

    `code` is an ErrorCode: the job's `deferred_reason`.
    """

    def __init__(self, code: ErrorCode, message: str, *, until: datetime) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.until = until
