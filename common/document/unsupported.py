"""What needs a language model, in one place: refused with a pointer where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from common.document.limits import DocumentLimits
from common.document.models import ProjectDocument
from common.document.prompt import Prompt
from common.document.read import Reading, read_document
from common.errors import Fault

NO_MODEL: Final = "No language model is set up here; set DEFAULT_LLM_PROVIDER."
NO_WRITER: Final = (
    "No language model is set up here; set DEFAULT_LLM_PROVIDER, or give the operation a `body`."
)


def read_supported(raw: object, limits: DocumentLimits) -> Reading:
    """Read a document that is to be built: what only a model could write is a fault without one.

    Raises what `read_document` raises.
    """
    reading = read_document(raw, limits)
    if reading.document is None or limits.can_implement:
        return reading
    return replace(reading, faults=(*reading.faults, *_unwritten(reading.document)))


def unwritten_beside(prompt: Prompt) -> Fault | None:
    """The first operation, of the document beside a prompt, that only a model could write."""
    document = prompt.document or {}
    options = document.get("options") if prompt.options is None else prompt.options
    if (options or {}).get("on_unproven") == "stub":
        return None
    for position, operation in enumerate(document.get("operations") or ()):
        if operation.get("body") is None:
            return Fault(f"/document/operations/{position}", "llm_not_configured", NO_WRITER)
    return None


def _unwritten(document: ProjectDocument) -> Iterator[Fault]:
    if not document.requires_llm:
        return
    for position, operation in enumerate(document.operations):
        if operation.body is None:
            yield Fault(f"/operations/{position}", "llm_not_configured", NO_WRITER)
            return
