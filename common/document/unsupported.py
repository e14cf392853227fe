"""What this version does not do, in one place: refused with a pointer, never dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from common.document.limits import DocumentLimits
from common.document.models import ProjectDocument
from common.document.read import Reading, read_document
from common.errors import Fault

NO_MODEL: Final = "No language model is set up here."


def read_supported(raw: object, limits: DocumentLimits) -> Reading:
    """Read a document that is to be built: what can't be built yet is a fault, too.

    Raises what `read_document` raises.
    """
    reading = read_document(raw, limits)
    if reading.document is None:
        return reading
    return replace(reading, faults=(*reading.faults, *_unsupported(reading.document)))


def _unsupported(document: ProjectDocument) -> list[Fault]:
    faults = []
    if document.operations:
        faults.append(_operations(document))
    return faults


def _operations(document: ProjectDocument) -> Fault:
    for position, operation in enumerate(document.operations):
        if operation.body is None and document.options.on_unproven != "stub":
            return Fault(f"/operations/{position}", "llm_not_configured", NO_MODEL)
    return Fault(
        "/operations", "operations_not_supported", "This version does not implement operations."
    )
