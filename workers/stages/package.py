"""Pack the project into the zip that the caller gets, with `backbone.json` on top."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Final

MANIFEST: Final = "backbone.json"
_DATE: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold
_MODE: Final = 0o100644 << 16
_UNIX: Final = 3
_LEVEL: Final = 6


def package(files: Mapping[str, str], manifest: Mapping[str, object]) -> bytes:
    """A zip of `files` and of `backbone.json`, the same bytes for the same content.

    `manifest` is what is known of the project (document, generator, checks); the sha256 of each
    file is added to it as `files`.
    """
    contents = {path: text.encode() for path, text in files.items()}
    hashes = {path: hashlib.sha256(contents[path]).hexdigest() for path in sorted(contents)}
    described = {**manifest, "files": hashes}
    contents[MANIFEST] = (json.dumps(described, indent=2, ensure_ascii=False) + "\n").encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(contents):
            entry = zipfile.ZipInfo(path, _DATE)
            entry.external_attr = _MODE
            entry.create_system = _UNIX
            archive.writestr(entry, contents[path], zipfile.ZIP_DEFLATED, _LEVEL)
    return buffer.getvalue()
