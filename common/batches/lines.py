"""The lines of a batch as they come in, and as they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from common.batches.batch import REFUSED
from common.errors import Fault
from common.jobs.new_job import NewJob


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line that was checked: with a job to be made, or with faults."""

    number: int
    custom_id: str | None
    job: NewJob | None = None
    digest: bytes = b""
    """Of the job's document and warnings: equal ones are run once"""
    faults: tuple[Fault, ...] = ()
    """Their pointers lead into the line"""


@dataclass(frozen=True, slots=True)
class CopiedLine:
    """A line of another batch, to be run again."""

    number: int
    custom_id: str | None
    job_id: str | None
    """The job that it had; None if that was deleted"""


def new_line_row(
    batch_id: str, line: NewLine | CopiedLine, job_id: str | None, faults: Sequence[Fault]
) -> dict[str, Any]:
    """The row of the table `batch_lines`; without a job it is one of a line that is refused."""
    refused = job_id is None
    return {
        "batch_id": batch_id,
        "number": line.number,
        "custom_id": line.custom_id,
        "job_id": job_id,
        "faults": [asdict(fault) for fault in faults] or None,
        "status": REFUSED if refused else None,
        "finished_number": 0 if refused else None,
    }
