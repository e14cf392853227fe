"""How much may come out of a document: what is more is refused, as early as it is known."""

from __future__ import annotations

from collections.abc import Mapping

from common.errors import GenerationError
from common.jobs.codes import ErrorCode
from common.project_files import ProjectFilesError, check_sizes


def refuse_more(sizes: Mapping[str, int], stage: str) -> None:
    """Raise GenerationError (`project_too_large`) where such files (bytes by path) are too much."""
    try:
        check_sizes(sizes)
    except ProjectFilesError as error:
        raise GenerationError(ErrorCode.PROJECT_TOO_LARGE, f"{error}.", stage=stage) from error
