"""Reads zips as if whoever sent them meant harm: whole and within bounds, or not at all."""

from __future__ import annotations

import contextlib
import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from common.project_files import (
    MOST_BYTES,
    MOST_FILES,
    ProjectFilesError,
    check_paths,
    check_sizes,
)

_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENTRY: Final = b"PK\x01\x02"
"""What each entry of a zip's list begins with."""
_KINDS: Final = frozenset({0, stat.S_IFREG})
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What comes of reading one that is no zip, is cut off, or asks for a password."""


def files_of(artifact: bytes) -> dict[str, bytes]:
    """The files of an artifact's zip, by path. ProjectFilesError for one that no job makes."""
    if len(artifact) > MOST_BYTES:
        raise ProjectFilesError(f"The zip has {len(artifact):,} bytes")
    count = artifact.count(_ENTRY)
    if count > MOST_FILES:  # before its list is read
        raise ProjectFilesError(f"There are {count:,} files; {MOST_FILES:,} may be")
    with opened(io.BytesIO(artifact)) as archive:
        entries = checked(archive)
        check_sizes({entry.filename: entry.file_size for entry in entries})
        return {entry.filename: content_of(archive, entry) for entry in entries}


def opened(file: Path | IO[bytes]) -> zipfile.ZipFile:
    """A zip, as a context; ProjectFilesError where it is none."""
    with _sound():
        return zipfile.ZipFile(file)


def content_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """What is packed there, of its `file_size`; ProjectFilesError if that is a lie."""
    with _sound():
        content = archive.read(entry)  # never more than that
    if len(content) != entry.file_size:
        raise ProjectFilesError(f"{entry.filename} has not the size that the zip says")
    return content


@contextlib.contextmanager
def _sound() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        reason = str(error).partition("\n")[0][:200]
        raise ProjectFilesError(f"The zip can't be read: {reason}") from error


def checked(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """All entries: files with paths that may lie together in a folder; else ProjectFilesError."""
    entries = archive.infolist()
    # `filename` is what zipfile makes of it: cut at a null byte, for one
    check_paths(entry.orig_filename for entry in entries)
    for entry in entries:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in _KINDS or entry.compress_type not in _METHODS or entry.flag_bits & 1:
            raise ProjectFilesError(f"{entry.filename} is a link, or packed in a way unknown here")
    return entries
