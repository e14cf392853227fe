"""How long what a job leaves behind is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from common.settings import Settings


@dataclass(frozen=True, slots=True)
class Retention:
    """Counted from the moment at which the job finished."""

    jobs: timedelta
    """The job itself, with its document"""
    artifacts: timedelta
    """Its files, its report and, if it has one, its artifact"""

    @classmethod
    def from_settings(cls, settings: Settings) -> Retention:
        """What JOB_RETENTION_HOURS and ARTIFACT_RETENTION_HOURS say."""
        return cls(
            jobs=timedelta(hours=settings.job_retention_hours),
            artifacts=timedelta(hours=settings.artifact_retention_hours),
        )
