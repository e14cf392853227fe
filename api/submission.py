"""What a caller wants to be made: a document that was checked, or every reason why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from common.document.limits import DocumentLimits
from common.document.models import RunOptions
from common.document.prompt import PromptReading, is_prompt, read_prompt
from common.document.read import Reading
from common.document.strict_json import parse_json
from common.document.unsupported import NO_MODEL, read_supported, unwritten_beside
from common.errors import Fault, RequestError
from common.jobs.new_job import NewJob, Wish


@dataclass(frozen=True, slots=True)
class Submission:
    """What a body said: a document, which is resolved if it has no faults, or a prompt."""

    reading: Reading | None
    prompt: PromptReading | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]

    @property
    def run(self) -> RunOptions | None:
        """How the run is to go; None where that could not be read."""
        if self.prompt is not None:
            return self.prompt.prompt.run if self.prompt.prompt else None
        return self.reading.run if self.reading else None


def read_submission(body: bytes, limits: DocumentLimits) -> Submission:
    """Check a body in the contract's order, from JSON to the document.

    Raises RequestError(400) for what is not JSON, too large in a part, or suspicious.
    """
    return check_submission(parse_json(body), limits)


def check_submission(raw: object, limits: DocumentLimits) -> Submission:
    """The same for a JSON value that was read already."""
    if is_prompt(raw):
        return _of_prompt(raw, limits, built=True)
    reading = read_supported(raw, limits)
    return Submission(reading, None, reading.faults, reading.warnings)


def read_design(body: bytes, limits: DocumentLimits) -> Submission:
    """Check a body that has to be a prompt. Raises as `read_submission`."""
    raw = parse_json(body)
    if is_prompt(raw):
        return _of_prompt(raw, limits, built=False)
    message = 'What is to be designed is said in words: {"prompt": "…"}.'
    return Submission(None, None, (Fault("", "invalid_prompt", message),), ())


def job_to_record(
    caller_id: str, submission: Submission, wish: Wish | None = None, *, kind: str = "generate"
) -> NewJob:
    """The job that a submission asks for; RequestError 422 if it has faults."""
    run, project_name = submission.run, None
    document: object = None
    if submission.prompt is not None:
        document = submission.prompt.raw
    elif submission.reading is not None and submission.reading.document is not None:
        document = submission.reading.raw
        project_name = submission.reading.document.project_name
    if submission.faults or document is None or run is None:
        raise invalid(submission.faults)
    return NewJob(
        caller_id,
        document,
        project_name,
        kind=kind,
        warnings=submission.warnings,
        wish=wish,
        timeout_seconds=run.timeout_seconds,
        start_within_seconds=run.start_within_seconds,
    )


def invalid(faults: tuple[Fault, ...]) -> RequestError:
    """The 422 that names all faults."""
    if len(faults) == 1:
        return RequestError(422, faults[0].code, faults[0].message, faults=faults)
    return RequestError(
        422, "invalid_document", f"The document has {len(faults)} faults.", faults=faults
    )


def _of_prompt(raw: dict[str, Any], limits: DocumentLimits, *, built: bool) -> Submission:
    """`built` where a project is to come of it, and not its document alone."""
    found = read_prompt(raw, limits)
    faults = found.faults
    if built and found.prompt is not None and not limits.can_implement:
        unwritten = unwritten_beside(found.prompt)
        faults += () if unwritten is None else (unwritten,)
    if not limits.can_design and all(fault.pointer != "/prompt" for fault in faults):
        faults += (Fault("/prompt", "llm_not_configured", NO_MODEL),)
    return Submission(None, found, faults, found.warnings)
