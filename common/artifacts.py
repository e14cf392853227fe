"""Where the files of jobs are kept: a folder, or a bucket that speaks S3."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from common.errors import RequestError, TransientError
from common.jobs.codes import ErrorCode

_PART: Final = r"(?!\.{1,2}(/|\Z))[A-Za-z0-9._-]{1,200}"
_KEY: Final = re.compile(rf"{_PART}(/{_PART}){{0,9}}")

PROJECT: Final = "project.zip"
"""`<output key>/project.zip` holds the files of a job."""
REPORT: Final = "report.json"
"""`<output key>/report.json` holds its verification report."""


def output_key(job_id: str, attempt: int) -> str:
    """Where an attempt stores what it makes; its own place, so that no other attempt's is touched.

    Everything of a job lies under `jobs/<id>`.
    """
    return f"jobs/{job_id}/{attempt}"


def checkpoint_folder(job_id: str) -> str:
    """Where what a job's stages made is kept for its next attempt, until the job succeeds."""
    return f"jobs/{job_id}/checkpoints"


class ArtifactStore:
    """Bytes by key (`jobs/<id>/<attempt>/project.zip`); ValueError for one that leads elsewhere.

    `url` is `file:///folder` or `s3://bucket/prefix` (credentials, region and endpoint as the AWS
    tools name them, in the environment). Methods raise TransientError `storage_unavailable` when
    the folder or the bucket can't be used: full, read-only, gone, unreachable.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._folder: Path | None = None
        self._store: LocalStore | S3Store
        if parts.scheme == "file":
            self._folder = Path(unquote(parts.path))
            with _storage():
                self._store = LocalStore(self._folder, automatic_cleanup=True, mkdir=True)
        elif parts.scheme == "s3":
            self._store = S3Store.from_url(
                url, client_options={"connect_timeout": "5s", "timeout": "60s"}
            )
        else:
            raise ValueError("ARTIFACT_URL must begin with file:/// or s3://")

    def put(self, key: str, content: bytes) -> None:
        """Store `content` durably, replacing what was there; whole or not at all."""
        with _storing():
            if self._folder is None:
                self._store.put(_checked(key), content)
            else:
                _replace(self._folder / _checked(key), content)

    def put_all(self, contents: Mapping[str, bytes]) -> None:
        """Store several durably, at less than the cost of each by itself, where nobody looks yet.

        Whoever is killed meanwhile may leave some of them, or a part: tell of them afterwards.
        """
        with _storing():
            if self._folder is None:
                for key, content in contents.items():
                    self._store.put(_checked(key), content)
            else:
                _write_all({self._folder / _checked(key): each for key, each in contents.items()})

    def get(self, key: str) -> bytes:
        """What is stored; RequestError 410 `artifact_gone` if nothing is (any more)."""
        with _storage(), _gone():
            return bytes(self._store.get(_checked(key)).bytes())

    def stream(self, key: str, chunk_bytes: int = 1024 * 1024) -> Iterator[bytes]:
        """What is stored, a piece at a time; RequestError as `get`, before the first piece."""
        with _storage(), _gone():
            found = self._store.get(_checked(key))
        return (bytes(piece) for piece in found.stream(min_chunk_size=chunk_bytes))

    def delete(self, prefix: str) -> None:
        """Remove everything under `prefix` (`jobs/<id>`); nothing to remove is fine.

        Also what somebody was killed over while writing it.
        """
        with _storage():
            if self._folder is not None:
                _delete_all(self._folder, _checked(prefix))
                return
            for page in self._store.list(f"{_checked(prefix)}/"):
                for entry in page:
                    with contextlib.suppress(FileNotFoundError):
                        self._store.delete(entry["path"])

    def job_ids(self) -> list[str]:
        """Whose files there are: all that lies under `jobs`, by its name."""
        with _storage():
            if self._folder is not None:
                place = self._folder / "jobs"
                return [each.name for each in place.iterdir()] if place.is_dir() else []
            found = self._store.list_with_delimiter("jobs/")["common_prefixes"]
            return [each.rstrip("/").rpartition("/")[2] for each in found]

    def ping(self) -> None:
        """Return if something can be stored; TransientError if not."""
        with _storage():
            self._store.put("ping", b"")
            self._store.delete("ping")


def _checked(key: str) -> str:
    """The key, if it names something under the root and nothing else."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"no key: {key[:100]!r}")
    return key


@contextlib.contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, BaseError) as error:
        reason = str(error).partition("\n")[0]
        raise TransientError(
            ErrorCode.STORAGE_UNAVAILABLE, f"Artifacts can't be stored or read: {reason}"
        ) from error


@contextlib.contextmanager
def _storing() -> Iterator[None]:
    with _storage():
        try:
            yield
        except FileNotFoundError as error:  # a folder was tidied away in this instant
            raise OSError(str(error)) from error


@contextlib.contextmanager
def _gone() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise RequestError(410, "artifact_gone", "The files of this job have expired.") from error


# To survive a power cut, as the row that speaks of them does, files are flushed, and then the one
# that names them. To flush a new file flushes the making of the folders that it lies in, on every
# file system with a journal.


def _replace(place: Path, content: bytes) -> None:
    """Write under a name that the store does not list, and give it the right one at the end."""
    draft = place.with_name(f"{place.name}#{os.getpid()}{threading.get_ident()}")
    _write_all({draft: content})
    draft.rename(place)
    _flush(place.parent)


def _write_all(contents: Mapping[Path, bytes]) -> None:
    """Write all before the first is waited for: most of it is then on its way with that one."""
    with contextlib.ExitStack() as opened:
        try:
            descriptors = []
            for place, content in contents.items():
                descriptor = _create(place)
                opened.callback(os.close, descriptor)
                _write(descriptor, content)
                # On Linux the disk begins with it now, and has both under way when the first is
                # waited for.
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                descriptors.append(descriptor)
            for descriptor in descriptors:
                os.fsync(descriptor)
        except BaseException:
            for place in contents:
                place.unlink(missing_ok=True)
            raise
    for folder in {place.parent for place in contents}:
        _flush(folder)


def _create(place: Path) -> int:
    """A descriptor of an empty file, in folders that are made if need be."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    try:
        return os.open(place, flags, 0o644)
    except FileNotFoundError:
        place.parent.mkdir(parents=True, exist_ok=True)
    return os.open(place, flags, 0o644)


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _delete_all(folder: Path, prefix: str) -> None:
    """Remove files and folders, drafts included: the store would not list those."""
    place = folder / prefix
    for parent, folders, files in os.walk(place, topdown=False):
        for name in files:
            Path(parent, name).unlink(missing_ok=True)
        for name in folders:
            _remove_empty(Path(parent, name))
    # Nor is an empty folder of a job kept; the one that all lie in is, others may be writing there
    while len(place.relative_to(folder).parts) > 1 and _remove_empty(place):
        place = place.parent


def _remove_empty(folder: Path) -> bool:
    """Whether the folder is gone: it may have been filled, or removed, in this instant."""
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError as error:
        if error.errno in {errno.ENOTEMPTY, errno.EEXIST}:
            return False
        raise
    return True
