"""The limits for documents that an installation was set up with."""

from __future__ import annotations

from common.document.limits import DocumentLimits
from common.jobs.job import Stage
from common.llm.choice import choose_model
from common.settings import Settings


def limits_in_force(settings: Settings) -> DocumentLimits:
    """What the settings allow, and whom they name to write what documents ask for in words."""
    return DocumentLimits(
        max_string_length=settings.max_string_length,
        max_array_length=settings.max_array_length,
        max_tables=settings.max_tables,
        max_columns_per_table=settings.max_columns_per_table,
        max_relationships_per_table=settings.max_relationships_per_table,
        max_timeout_seconds=settings.job_timeout_seconds,
        can_design=choose_model(settings, Stage.DESIGN) is not None,
        can_implement=choose_model(settings, Stage.IMPLEMENT) is not None,
    )
