"""What the files of a project may be called, and how much they may be.

Who packs one and who unpacks one hold the same. A path that is allowed stays inside its folder and
means the same file on Linux, macOS and Windows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from common.errors import BackboneError

MEGABYTE: Final = 1024 * 1024

MOST_FILES: Final = 5_000
"""The largest documents make some 300, and 3 for each operation."""
MOST_FILE_BYTES: Final = 32 * MEGABYTE
MOST_BYTES: Final = 128 * MEGABYTE
"""Of all files of a project together; the largest documents that are not made for it make 48 MB."""

_LONGEST_PATH: Final = 1_000
_LONGEST_PART_BYTES: Final = 255
_FORBIDDEN: Final = re.compile(r'[\x00-\x1f\x7f\ud800-\udfff\\:*?"<>|]')
_DEVICE: Final = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(\.|\Z)", re.IGNORECASE
)


class ProjectFilesError(BackboneError):
    """A project with a file that must not be written anywhere, or with more than one has."""


def check_paths(paths: Iterable[str]) -> None:
    """Raise ProjectFilesError unless all these paths can lie together in one folder, anywhere."""
    files: set[str] = set()
    folders: set[str] = set()
    for path in paths:
        fault = _fault(path)
        if fault is not None:
            raise ProjectFilesError(f"There is a file called {_shown(path)}, which {fault}")
        same = _plain(path)
        parents = [same[: match.start()] for match in re.finditer("/", same)]
        if same in files or same in folders or files.intersection(parents):
            raise ProjectFilesError(
                f"There is more than one file called {_shown(path)}, in capitals or not"
            )
        files.add(same)
        folders.update(parents)


def check_sizes(sizes: Mapping[str, int]) -> None:
    """Raise ProjectFilesError if these files (bytes by path) are more than a project's may be."""
    if len(sizes) > MOST_FILES:
        raise ProjectFilesError(f"There are {len(sizes):,} files; {MOST_FILES:,} may be")
    for path, size in sizes.items():
        if size > MOST_FILE_BYTES:
            raise ProjectFilesError(
                f"{_shown(path)} has {size:,} bytes; a file may have {MOST_FILE_BYTES:,}"
            )
    total = sum(sizes.values())
    if total > MOST_BYTES:
        raise ProjectFilesError(
            f"The files have {total:,} bytes together; they may have {MOST_BYTES:,}"
        )


def _fault(path: str) -> str | None:
    parts = path.split("/")
    if not {"", ".", ".."}.isdisjoint(parts):
        return "leads outside of the project, or nowhere"
    sizes = [len(part.encode(errors="replace")) for part in parts]
    if len(path) > _LONGEST_PATH or max(sizes) > _LONGEST_PART_BYTES:
        return "is too long"
    if _FORBIDDEN.search(path) or any(
        part != part.strip() or part.endswith(".") or _DEVICE.match(part) for part in parts
    ):
        return "not every system can have"
    return None


def _plain(path: str) -> str:
    """The same for all paths that some system takes for the same."""
    return unicodedata.normalize("NFKC", path).casefold()


def _shown(path: str) -> str:
    return ascii(path if len(path) <= 80 else f"{path[:80]}…")  # noqa: PLR2004  (a line)
