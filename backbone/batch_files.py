"""The lines of a batch from a FILE of JSON Lines or a list, or from a folder of documents."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from backbone.documents import FileUnreadableError, read_file
from common.document.strict_json import parse_json
from common.errors import RequestError


@dataclass(slots=True)
class BatchFiles:
    """What is handed in, read while it is sent; `unreadable` fills meanwhile."""

    name: str
    unreadable: list[str] = field(default_factory=list)
    """Of a folder: what is wrong with the files that no line could be made of, a file a line"""
    _handed_in: list[Path] = field(default_factory=list)
    """Of a folder: the file of each line"""

    def lines(self) -> Iterator[bytes]:
        """JSON Lines, a piece at a time. FileUnreadableError if there is nothing to read.

        Each `*.json` of a folder is a line whose `custom_id` is the file's name without `.json`,
        in the order of the names.
        """
        folder = Path(self.name)
        if self.name == "-":
            yield from sys.stdin.buffer
        elif folder.is_dir():
            paths = sorted(path for path in folder.glob("*.json") if path.name[0] != ".")
            if not paths:
                raise FileUnreadableError(f"There is no *.json in {self.name}")
            for path in paths:
                yield from self._line(path)
        else:
            try:
                with folder.open("rb") as file:
                    yield from file
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise FileUnreadableError(f"Can't read {self.name}: {reason}") from None

    def name_of(self, number: int) -> str | None:
        """The file that line `number` (counted from 1) was made of; None unless of a folder."""
        return str(self._handed_in[number - 1]) if 0 < number <= len(self._handed_in) else None

    def is_one_document(self) -> bool:
        """Whether it is a file with a single document in it, and neither lines nor a list."""
        if not Path(self.name).is_file():
            return False
        try:
            value = parse_json(read_file(self.name))
        except RequestError:
            return False
        return isinstance(value, dict) and "schema" in value

    def _line(self, path: Path) -> Iterator[bytes]:
        content = read_file(str(path)).removeprefix(b"\xef\xbb\xbf")
        try:
            parse_json(content, noun="file")
        except RequestError as error:
            self.unreadable.append(f"{path}: {error.detail} [{error.code}]")
            return
        self._handed_in.append(path)
        # It is JSON, so what breaks lines in it stands between its parts, where blanks may stand
        body = content.replace(b"\n", b" ").replace(b"\r", b" ")
        yield b'{"custom_id": %s, "body": %s}\n' % (json.dumps(path.stem).encode(), body)
