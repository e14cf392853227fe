"""Looks for secrets of the tests in all that the tests left behind, and in what processes run with.

Files in which a secret has to stand (settings, the stores' own configuration) are known by name;
everything else (logs, databases, artifacts, reports, what commands wrote) is searched.
"""

from __future__ import annotations

import io
import os
import re
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from common.secrets_in_text import KEY_SHAPE, TOKEN_SHAPE

KNOWN: Final = (
    b"the-key-of-the-default-caller-in-tests",
    b"a-secret-that-signs-tokens-in-tests-only",
    b"the-key-of-a-process-that-only-tests-run",
    b"the-secret-of-a-process-that-only-tests-run",
    b"a-password-that-only-tests-know",
)
"""Secrets that tests set themselves."""
SECRET: Final = re.compile(
    b"|".join((KEY_SHAPE.encode(), TOKEN_SHAPE.encode(), *map(re.escape, KNOWN)))
)
MAY_HOLD_ONE: Final = frozenset(
    {".env", "secrets.json", "secrets.json.partial", "valkey.conf", "schemathesis.toml"}
)


def find_in(folder: Path) -> Iterator[str]:
    """Where in the files under `folder`, zips opened, a secret stands."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if each != ".venv"]  # examples of others' secrets
        for name in names:
            path = Path(parent, name)
            if name in MAY_HOLD_ONE or path.is_symlink() or not path.is_file():
                continue
            try:
                content = path.read_bytes()
            except OSError:  # a test that took its own rights away
                continue
            for place, part in _parts(str(path), content):
                found = SECRET.search(part)
                if found:
                    yield f"{place}: {found.group()[:12].decode()}… at byte {found.start()}"


def _parts(place: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    yield place, content
    if content[:4] == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for entry in archive.infolist():
                    if entry.file_size < 50_000_000:
                        yield f"{place}!{entry.filename}", archive.read(entry)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
            return  # a test's broken one; its bytes have been looked at


class ArgumentWatch:
    """Reads the command lines of what this process started, again and again."""

    def __init__(self, pattern: re.Pattern[bytes] = SECRET) -> None:
        self.found: set[str] = set()
        self._pattern = pattern
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="arguments", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> set[str]:
        """What was found."""
        self._stopped.set()
        self._thread.join()
        return self.found

    def look(self) -> None:
        parents, arguments = {}, {}
        for path in Path("/proc").glob("[0-9]*"):
            try:
                parents[path.name] = (path / "stat").read_text().rpartition(")")[2].split()[1]
                arguments[path.name] = (path / "cmdline").read_bytes()
            except OSError:  # it has ended
                continue
        for process_id, said in arguments.items():
            if self._pattern.search(said) and _descends(process_id, str(os.getpid()), parents):
                self.found.add(f"arguments of {said.split(bytes(1))[0].decode()}")

    def _watch(self) -> None:
        while not self._stopped.wait(1):
            self.look()


def _descends(process_id: str, ancestor_id: str, parents: dict[str, str]) -> bool:
    while process_id in parents:
        if process_id == ancestor_id:
            return True
        process_id = parents[process_id]
    return False
