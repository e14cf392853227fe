"""A file of results that grows: it goes on where it ended, whatever interrupted it.

Beside FILE lies FILE.cursor: of which batch the results are, how far they go and how long the file
was then. What was written after that is cut off before it goes on, so no line is there twice.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Self

from backbone.batch_client import ResultPage
from common.errors import BackboneError


class ResultsError(BackboneError):
    """The file is somebody else's, or can't be written."""


class ResultFile:
    """A context in which results of one batch are appended to a file."""

    def __init__(self, path: Path, batch_id: str, *, force: bool) -> None:
        """ResultsError for a file that is there and not of this batch, unless `force` is given."""
        self._path = path
        self._beside = path.with_name(path.name + ".cursor")
        self._batch_id = batch_id
        self.cursor = ""
        self._size = 0
        if path.exists() and not force and not self._read():
            raise ResultsError(f"{path} is there already and has no results of it; use --force")

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("r+b" if self._size else "wb")
            self._file.truncate(self._size)
            self._file.seek(self._size)
        except OSError as error:
            raise self._unwritable(error) from None
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def append(self, page: ResultPage) -> None:
        """Write a page, then how far it goes."""
        try:
            self._file.write(page.lines)
            self._file.flush()
            os.fsync(self._file.fileno())
            self._size += len(page.lines)
            self.cursor = page.cursor
            place = {"batch_id": self._batch_id, "cursor": self.cursor, "size_bytes": self._size}
            fresh = self._beside.with_name(self._beside.name + ".partial")
            fresh.write_text(json.dumps(place), encoding="utf-8")
            fresh.replace(self._beside)
        except OSError as error:
            raise self._unwritable(error) from None

    def _read(self) -> bool:
        """Whether the file is of this batch; where it ended."""
        try:
            place = json.loads(self._beside.read_text(encoding="utf-8"))
            self.cursor, self._size = str(place["cursor"]), int(place["size_bytes"])
            return bool(
                place["batch_id"] == self._batch_id and self._path.stat().st_size >= self._size
            )
        except (OSError, ValueError, TypeError, KeyError):
            return False

    def _unwritable(self, error: OSError) -> ResultsError:
        return ResultsError(f"Can't write {self._path}: {(error.strerror or str(error)).lower()}")
