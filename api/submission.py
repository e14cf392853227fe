"""What a caller wants to be made: a document that was checked, or every reason why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from common.document.limits import DocumentLimits
from common.document.pointers import pointer_to
from common.document.read import Reading, read_document
from common.document.strict_json import parse_json
from common.document.unsupported import NO_MODEL, read_supported
from common.errors import Fault, RequestError
from common.jobs.new_job import NewJob, Wish

MAX_PROMPT_LENGTH: Final = 20_000
_BESIDE_A_PROMPT: Final = ("options", "run")
_EMPTY: Final[dict[str, object]] = {
    "project_name": "prompt",
    "db_type": "sqlite",
    "schema": [
        {
            "table_name": "prompts",
            "class_name": "Prompt",
            "columns": [{"name": "id", "type": "Integer", "primary_key": True}],
        }
    ],
}
"""A document without faults, to check `options` and `run` with."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What a body said. Without faults, `reading` has a document, resolved."""

    reading: Reading | None
    """None for a prompt."""
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def read_submission(body: bytes, limits: DocumentLimits) -> Submission:
    """Check a body in the contract's order, from JSON to the document.

    Raises RequestError(400) for what is not JSON, too large in a part, or suspicious.
    """
    return check_submission(parse_json(body), limits)


def check_submission(raw: object, limits: DocumentLimits) -> Submission:
    """The same for a JSON value that was read already."""
    if isinstance(raw, dict) and "prompt" in raw and "schema" not in raw:
        return _read_prompt(raw, limits)
    reading = read_supported(raw, limits)
    return Submission(reading, reading.faults, reading.warnings)


def job_to_record(caller_id: str, submission: Submission, wish: Wish | None = None) -> NewJob:
    """The job that a submission asks for; RequestError 422 if it has faults."""
    reading = submission.reading
    if submission.faults or reading is None or reading.document is None or reading.run is None:
        raise invalid(submission.faults)
    return NewJob(
        caller_id,
        reading.raw,
        reading.document.project_name,
        warnings=submission.warnings,
        wish=wish,
        timeout_seconds=reading.run.timeout_seconds,
        start_within_seconds=reading.run.start_within_seconds,
    )


def invalid(faults: tuple[Fault, ...]) -> RequestError:
    """The 422 that names all faults."""
    if len(faults) == 1:
        return RequestError(422, faults[0].code, faults[0].message, faults=faults)
    return RequestError(
        422, "invalid_document", f"The document has {len(faults)} faults.", faults=faults
    )


def _read_prompt(raw: dict[str, object], limits: DocumentLimits) -> Submission:
    """A prompt is never searched or cut; what may stand beside it is checked like a document's."""
    prompt = raw["prompt"]
    if isinstance(prompt, str) and len(prompt) > MAX_PROMPT_LENGTH:
        message = f"{len(prompt)} characters, and at most {MAX_PROMPT_LENGTH} are allowed."
        fault = Fault("/prompt", "limit_exceeded", message)
        raise RequestError(400, "limit_exceeded", f"/prompt: {message}", faults=(fault,))
    beside = {name: value for name, value in raw.items() if name != "prompt"}
    reading = read_document(_EMPTY | beside, limits)
    faults = [
        Fault(pointer_to((name,)), "unknown_member", "Beside a prompt there are options and run.")
        for name in beside
        if name not in _BESIDE_A_PROMPT
    ]
    faults += [fault for fault in reading.faults if fault.pointer.split("/")[1] in _BESIDE_A_PROMPT]
    if not isinstance(prompt, str) or not prompt.strip():
        message = "The prompt is a text that is not empty."
        faults.append(Fault("/prompt", "invalid_prompt", message))
    else:
        faults.append(Fault("/prompt", "llm_not_configured", NO_MODEL))
    return Submission(None, tuple(faults), reading.warnings)
