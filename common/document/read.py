"""The one way into a document: clean it, check it, say what it means."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from common.document.findings import MAX_FAULTS, Findings
from common.document.limits import DocumentLimits
from common.document.models import ProjectDocument, RunOptions
from common.document.repair import repaired
from common.document.resolve import resolve
from common.document.resolved import ResolvedDocument
from common.document.sanitize import sanitize
from common.document.shape import note_shape_faults, shape_faults
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


def read_document(raw: object, limits: DocumentLimits) -> Reading:
    """Read a document out of parsed JSON; `raw` itself is never changed.

    Raises RequestError (400) for a document that is over a limit or holds a suspicious pattern.
    Everything else that is wrong is in `faults`, all at once.
    """
    findings = Findings()
    clean = sanitize(raw, limits, findings)
    try:
        document = ProjectDocument.model_validate(clean)
    except ValidationError as error:
        _note_all(clean, error, findings)
        return Reading(None, None, None, findings.faults, findings.warnings, clean)
    resolved = resolve(document, findings)
    _note_unmet_wishes(document, limits, findings)
    return Reading(document, resolved, document.run, findings.faults, findings.warnings, clean)


def _note_unmet_wishes(
    document: ProjectDocument, limits: DocumentLimits, findings: Findings
) -> None:
    """Warn of what `run` asks for and will not get."""
    wanted, most = document.run.timeout_seconds, limits.max_timeout_seconds
    if wanted is not None and wanted > most:
        message = f"{wanted} s is more than is allowed here; a run is ended after {most} s."
        findings.warn("/run/timeout_seconds", "timeout_cut", message)
    engine = document.run.required_engine(document.db_type)
    if engine is not None and document.run.verify == "none":
        message = f"Nothing is verified, so the project is not tried on {engine}."
        findings.warn("/run/require_engine", "engine_not_tried", message)


def _note_all(clean: object, error: ValidationError, findings: Findings) -> None:
    """Note the faults of shape, then those that can be found in spite of them."""
    faults = shape_faults(clean, error)
    note_shape_faults(faults, findings)
    stand_in = repaired(clean, faults) if len(faults) < MAX_FAULTS else None
    if stand_in is None:
        return
    copy, doubtful = stand_in
    try:
        document = ProjectDocument.model_validate(copy)
    except ValidationError:
        return  # too broken to say more than has been said
    resolve(document, findings, doubtful=doubtful)
