"""The documents of a folder."""

from __future__ import annotations

from pathlib import Path

from backbone.corpus.expectations import find_expectation
from backbone.corpus.proof import Case
from common.errors import BackboneError


class CorpusError(BackboneError):
    """There is nothing in the folder that could be tried."""


def find_cases(folder: Path, *, without: Path | None = None) -> list[Case]:
    """Every `*.json` below `folder`, with what is expected of it.

    Hidden folders are left out, and the folder `without`, where earlier results are kept.
    Raises CorpusError where there is none, ExpectationError for a list that can't be read.
    """
    paths = sorted(
        path
        for path in folder.rglob("*.json")
        if path.is_file()
        and not (without is not None and path.resolve().is_relative_to(without.resolve()))
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    if not paths:
        raise CorpusError(f"There is no document (*.json) in {folder}.")
    return [
        Case(path.relative_to(folder).as_posix(), path, find_expectation(path)) for path in paths
    ]
