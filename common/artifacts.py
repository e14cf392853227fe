"""Where the files of jobs are kept: a folder, or a bucket that speaks S3."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from common.errors import RequestError, TransientError

PROJECT: Final = "project.zip"
"""`<output key>/project.zip` holds the files of a job."""
REPORT: Final = "report.json"
"""`<output key>/report.json` holds its verification report."""


def output_key(job_id: str, attempt: int) -> str:
    """Where an attempt stores what it makes; its own place, so that no other attempt's is touched.

    Everything of a job lies under `jobs/<id>`.
    """
    return f"jobs/{job_id}/{attempt}"


class ArtifactStore:
    """Bytes by key (`jobs/<id>/<attempt>/project.zip`); a key is written whole or not at all.

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
        """Store `content` durably, replacing what was there."""
        with _storage():
            self._store.put(key, content)
            if self._folder is not None:
                _flush(self._folder / key)

    def get(self, key: str) -> bytes:
        """What is stored; RequestError 410 `artifact_gone` if nothing is (any more)."""
        with _storage(), _gone():
            return bytes(self._store.get(key).bytes())

    def stream(self, key: str, chunk_bytes: int = 1024 * 1024) -> Iterator[bytes]:
        """What is stored, a piece at a time; RequestError as `get`, before the first piece."""
        with _storage(), _gone():
            found = self._store.get(key)
        return (bytes(piece) for piece in found.stream(min_chunk_size=chunk_bytes))

    def delete(self, prefix: str) -> None:
        """Remove everything under `prefix` (`jobs/<id>`); nothing to remove is fine."""
        with _storage():
            for page in self._store.list(f"{prefix}/"):
                for entry in page:
                    with contextlib.suppress(FileNotFoundError):
                        self._store.delete(entry["path"])

    def ping(self) -> None:
        """Return if something can be stored; TransientError if not."""
        with _storage():
            self._store.put("ping", b"")
            self._store.delete("ping")


@contextlib.contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, BaseError) as error:
        reason = str(error).partition("\n")[0]
        raise TransientError(
            "storage_unavailable", f"Artifacts can't be stored or read: {reason}"
        ) from error


@contextlib.contextmanager
def _gone() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise RequestError(410, "artifact_gone", "The files of this job have expired.") from error


def _flush(path: Path) -> None:
    """Have the file and its name survive a power cut, as the row that will speak of them does."""
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
