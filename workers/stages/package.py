"""Pack the project into the zip that the caller gets, with `backbone.json` on top."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Final

from common.project_files import MOST_FILE_BYTES, check_paths
from workers.stages.sizes import refuse_more

MANIFEST: Final = "backbone.json"
_DATE: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold
_MODE: Final = 0o100644 << 16
_UNIX: Final = 3
_LEVEL: Final = 6


def package(files: Mapping[str, str], manifest: Mapping[str, object]) -> bytes:
    """A zip of `files` and of `backbone.json`, the same bytes for the same content.

    `manifest` is what is known of the project (document, generator, checks); the sha256 of each
    file is added to it as `files`. ProjectFilesError for a path that no project may have, which is
    a bug; GenerationError (`project_too_large`) where there is more than `project_files` allows.
    """
    check_paths([*files, MANIFEST])
    contents = {path: text.encode() for path, text in files.items()}
    hashes = {path: hashlib.sha256(contents[path]).hexdigest() for path in sorted(contents)}
    described = {**manifest, "files": hashes}
    contents[MANIFEST] = _written(described)
    refuse_more({path: len(content) for path, content in contents.items()}, "package")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(contents):
            entry = zipfile.ZipInfo(path, _DATE)
            entry.external_attr = _MODE
            entry.create_system = _UNIX
            archive.writestr(entry, contents[path], zipfile.ZIP_DEFLATED, _LEVEL)
    return buffer.getvalue()


def _written(manifest: Mapping[str, object]) -> bytes:
    """The manifest as JSON, as far as it may be at all: indentation makes much of deep nesting."""
    written = bytearray()
    for piece in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(manifest):
        written += piece.encode()
        if len(written) > MOST_FILE_BYTES:
            break  # it is refused for its size
    return bytes(written + b"\n")
