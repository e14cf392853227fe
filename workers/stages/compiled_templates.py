"""Templates compiled once for all processes, kept as Python keeps its own bytecode."""

from __future__ import annotations

import contextlib
import hashlib
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final

import jinja2
from jinja2.bccache import Bucket

from workers import literals, text_filters

_FOLDER: Final = "__pycache__"


class CompiledTemplates(jinja2.FileSystemBytecodeCache):
    """Compiled templates in `__pycache__` under `folder`; where it can't be written, none are kept.

    One is used only for the very text, options, filters and Jinja that it was compiled with:
    a filter of a constant is worked out while compiling.
    """

    def __init__(self, folder: Path, options: object) -> None:
        self._made_with = hashlib.sha256(repr((version("jinja2"), options)).encode())
        for module in (text_filters, literals):
            self._made_with.update(Path(str(module.__file__)).read_bytes())
        super().__init__(str(folder / _FOLDER), "%s.jinjac")

    def get_source_checksum(self, source: str) -> str:
        """The digest that a compiled template has to bear to be used for `source`."""
        digest = self._made_with.copy()
        digest.update(source.encode())
        return digest.hexdigest()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled, unless Python is told to keep nothing."""
        if sys.dont_write_bytecode:
            return
        with contextlib.suppress(OSError):
            Path(self.directory).mkdir(exist_ok=True)
            super().dump_bytecode(bucket)
