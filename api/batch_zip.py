"""All artifacts of a batch as one zip, written while it is sent: never more than one at a time."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from io import UnsupportedOperation
from typing import Final, Self

from api.batch_members import result_line, result_members
from common.artifacts import PROJECT, ArtifactStore
from common.batches.results import LineResult, ResultReader
from common.jobs.job import JobStatus

RESULTS: Final = "results.jsonl"
_LINES_AT_ONCE: Final = 200
_CHUNK_BYTES: Final = 256 * 1024
_KEPT_IN_MEMORY: Final = 8 * 1024 * 1024
_LONGEST_NAME: Final = 100
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)", re.IGNORECASE)
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o644 << 16


class FileNames:
    """Names for files, safe everywhere and each given once, also where case does not count."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def name(self, custom_id: str, line: int) -> str:
        """`custom_id` without what no file name should have, with its line where it needs one."""
        safe = _UNSAFE.sub("_", custom_id).strip(".")[:_LONGEST_NAME]
        if safe != custom_id or _RESERVED.match(safe) or safe.lower() in self._taken:
            safe = f"{safe or 'line'}-{line}"
        while safe.lower() in self._taken or _RESERVED.match(safe):
            safe = f"_{safe}-{line}"
        self._taken.add(safe.lower())
        return safe


def batch_zip(results: ResultReader, artifacts: ArtifactStore, batch_id: str) -> Iterator[bytes]:
    """The bytes of the zip: `results.jsonl`, then `<custom_id>.zip` of each line that succeeded.

    Everything is stored as it is (artifacts are compressed), in the order of the lines, with fixed
    dates: the same batch gives the same bytes. A line whose job was deleted has no file. Raises
    RequestError where an artifact goes away meanwhile: by then the answer is under way, and what
    its caller sees is that it breaks off.
    """
    with _Window() as window, zipfile.ZipFile(window, "w", zipfile.ZIP_STORED) as archive:
        names, files = FileNames(), dict[int, str]()
        with archive.open(_entry(RESULTS), "w", force_zip64=False) as file:
            for result in _each(lambda after: results.read_lines(batch_id, after, _LINES_AT_ONCE)):
                name = _file_name(names, result)
                if name is not None:
                    files[result.line] = name
                file.write(result_line(result_members(result) | {"file": name}))
        yield from window.leave()
        for result in _each(
            lambda after: results.read_lines(
                batch_id, after, _LINES_AT_ONCE, status=JobStatus.SUCCEEDED.value
            )
        ):
            name = files.get(result.line)
            if name is None:
                continue
            archive.writestr(_entry(name), artifacts.get(f"{result.output_key}/{PROJECT}"))
            yield from window.leave()
        archive.close()
        yield from window.leave()


def _file_name(names: FileNames, result: LineResult) -> str | None:
    succeeded = result.status == JobStatus.SUCCEEDED.value and result.output_key is not None
    if not succeeded or result.custom_id is None:
        return None
    return f"{names.name(result.custom_id, result.line)}.zip"


def _each(read: Callable[[int], list[LineResult]]) -> Iterator[LineResult]:
    after = 0
    while found := read(after):
        yield from found
        after = found[-1].line


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.external_attr = _MODE
    entry.create_system = 3
    return entry


class _Window:
    """What zipfile writes to: it may go back within the entry that it writes, and no further.

    So that sizes and checksums stand before each entry, where every reader finds them.
    """

    def __init__(self) -> None:
        self._start = 0
        self._kept = tempfile.SpooledTemporaryFile(max_size=_KEPT_IN_MEMORY)  # noqa: SIM115

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._kept.close()

    def write(self, some: bytes) -> int:
        return self._kept.write(some)

    def tell(self) -> int:
        return self._start + self._kept.tell()

    def seek(self, place: int, whence: int = 0) -> int:
        if whence != 0 or place < self._start:
            raise UnsupportedOperation
        return self._start + self._kept.seek(place - self._start)

    def flush(self) -> None:
        """Nothing waits."""

    def leave(self) -> Iterator[bytes]:
        """What was written, which then is final."""
        end = self._kept.seek(0, 2)
        self._kept.seek(0)
        while piece := self._kept.read(_CHUNK_BYTES):
            yield piece
        self._start += end
        self._kept.seek(0)
        self._kept.truncate()
