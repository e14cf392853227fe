"""What the children write, kept in one file each under `DATA_DIR/logs`, of bounded size."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Final

_LARGEST_BYTES: Final = 20 * 1024 * 1024


class LogFiles:
    """Appends lines to `<name>.log`; a full file becomes `<name>.log.1` and a new one begins."""

    def __init__(self, folder: Path, *, largest_bytes: int = _LARGEST_BYTES) -> None:
        self._folder = folder
        self._largest_bytes = largest_bytes
        self._files: dict[str, BinaryIO] = {}

    def write(self, name: str, line: str) -> None:
        """Append one line to the file of `name`."""
        file = self._files.get(name)
        if file is None or file.tell() > self._largest_bytes:
            file = self._open(name)
        file.write(line.encode(errors="replace") + b"\n")

    def close(self) -> None:
        """Close all files."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _open(self, name: str) -> BinaryIO:
        path = self._folder / f"{name}.log"
        if name in self._files:
            self._files.pop(name).close()
        if path.exists() and path.stat().st_size > self._largest_bytes:
            path.replace(path.with_name(f"{name}.log.1"))
        file = path.open("ab", buffering=0)
        self._files[name] = file
        return file
