"""The one way into a document: clean it, check it, say what it means."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from common.document.fault_log import FaultLog
from common.document.limits import DocumentLimits
from common.document.models import ProjectDocument, RunOptions
from common.document.resolve import resolve
from common.document.resolved import ResolvedDocument
from common.document.sanitize import sanitize
from common.document.shape import note_shape_faults
from common.errors import Fault


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a document.

    With `faults` there is nothing to build: `document`, `resolved` and `run` may be None. `raw` is
    the document as it was sent, without null bytes and with cut descriptions: what gets stored,
    and what gives the same reading again.
    """

    document: ProjectDocument | None
    resolved: ResolvedDocument | None
    run: RunOptions | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    raw: object

    @property
    def requires_llm(self) -> bool:
        """Whether something in it has to be written by a model."""
        return self.document is not None and self.document.requires_llm


def read_document(raw: object, limits: DocumentLimits) -> Reading:
    """Read a document out of parsed JSON; `raw` itself is never changed.

    Raises RequestError (400) for a document that is over a limit or holds a suspicious pattern.
    Everything else that is wrong is in `faults`, all at once.
    """
    log = FaultLog()
    clean = sanitize(raw, limits, log)
    try:
        document = ProjectDocument.model_validate(clean)
    except ValidationError as error:
        note_shape_faults(clean, error, log)
        return Reading(None, None, None, log.faults, log.warnings, clean)
    resolved = resolve(document, log)
    return Reading(document, resolved, document.run, log.faults, log.warnings, clean)
