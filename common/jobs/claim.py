"""A job in the hands of one worker, and what that worker leaves behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from common.errors import BackboneError
from common.jobs.job import Job, Stage, VerificationFacts


class LeaseLostError(BackboneError):
    """Somebody else decides about the job now; whoever gets this lets go of it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in the hands of one worker."""

    job: Job
    """As it was when it was claimed"""
    document: object
    """The JSON value that was stored"""
    timeout_seconds: int | None
    """What the document's `run` asks for"""
    fault_count: int
    """How many attempts ended in `worker_lost` or `transient` before this one"""

    @property
    def fence(self) -> int:
        """The number that every write carries."""
        return self.job.attempt_count


@dataclass(frozen=True, slots=True)
class Findings:
    """What an attempt leaves behind: where its files and report are stored, and what they say."""

    output_key: str | None = None
    verification: VerificationFacts | None = None
    warnings: Sequence[dict[str, str]] = ()
    """All of the job's, those of its submission included; empty leaves these as they are"""
    stage_seconds: Mapping[Stage, float] | None = None
    """How long each stage took; None leaves what was told while it ran"""


class Aftermath(NamedTuple):
    """What became of a job whose lease was lost."""

    over: bool
    """Whether nobody will work on it any more: it has finished, or is gone"""
    output_key: str | None
    """What its files are stored under, if it has any"""
