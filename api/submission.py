"""What a caller wants to be made: a document that was checked, or every reason why not."""

from __future__ import annotations

from dataclasses import dataclass

from api.unsupported import NO_MODEL, unsupported
from common.document.limits import DocumentLimits
from common.document.read import Reading, read_document
from common.document.strict_json import parse_json
from common.errors import Fault, RequestError

MAX_PROMPT_LENGTH = 20_000


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
    raw = parse_json(body)
    if isinstance(raw, dict) and "prompt" in raw and "schema" not in raw:
        return Submission(None, tuple(_prompt_faults(raw)), ())
    reading = read_document(raw, limits)
    faults = list(reading.faults)
    if reading.document is not None:
        faults += unsupported(reading.document)
    return Submission(reading, tuple(faults), reading.warnings)


def invalid(faults: tuple[Fault, ...]) -> RequestError:
    """The 422 that names all faults."""
    if len(faults) == 1:
        return RequestError(422, faults[0].code, faults[0].message, faults=faults)
    return RequestError(
        422, "invalid_document", f"The document has {len(faults)} faults.", faults=faults
    )


def _prompt_faults(raw: dict[str, object]) -> list[Fault]:
    prompt = raw["prompt"]
    if not isinstance(prompt, str) or not prompt.strip():
        return [Fault("/prompt", "invalid_prompt", "The prompt is a text that is not empty.")]
    if len(prompt) > MAX_PROMPT_LENGTH:
        message = f"The prompt is longer than {MAX_PROMPT_LENGTH} characters."
        return [Fault("/prompt", "prompt_too_long", message)]
    faults = [
        Fault(f"/{_escape(name)}", "unknown_member", "Beside a prompt there are options and run.")
        for name in raw
        if name not in {"prompt", "options", "run"}
    ]
    return [*faults, Fault("/prompt", "llm_not_configured", NO_MODEL)]


def _escape(name: str) -> str:
    return name[:100].replace("~", "~0").replace("/", "~1")
