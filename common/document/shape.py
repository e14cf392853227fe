"""Faults of shape: Pydantic's findings in the words and codes of this project."""

from __future__ import annotations

from pydantic import ValidationError

from common.document.fault_log import FaultLog
from common.document.pointers import pointer_to


def note_shape_faults(raw: object, error: ValidationError, log: FaultLog) -> None:
    """Note every finding with a pointer into `raw`."""
    for found in error.errors(include_url=False, include_input=False):
        log.fault(pointer_to(found["loc"]), found["type"], found["msg"])
