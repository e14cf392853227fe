"""`DATA_DIR`: held by one stack at a time; keeps the secrets that nobody had set."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from common.errors import BackboneError

_SECRET_BYTES: Final = 32
_SECRETS_FILE: Final = "secrets.json"
_SECRET_NAMES: Final = ("api_key", "jwt_secret_key", "flower_password", "valkey_password")

PREVIOUS_JWT_SECRET: Final = "jwt_secret_key_previous"  # noqa: S105 - what it is called


class DataFolderError(BackboneError):
    """The folder can't be used; the message says why."""


class DataFolder:
    """The folder, held by this process until `release` (or its end)."""

    def __init__(self, path: Path) -> None:
        """Make the folder if need be and take hold of it; DataFolderError if that can't be done."""
        self.path = path.resolve()
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            _shut_others_out(self.path)
            self.logs.mkdir(exist_ok=True)
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise DataFolderError(f"Can't write to {self.path} (DATA_DIR): {reason}") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise DataFolderError(
                f"{self.path} (DATA_DIR) is in use by another `backbone up`; "
                "stop that one or set another DATA_DIR"
            ) from None
        self.running_file.unlink(missing_ok=True)  # of one that was killed

    @property
    def logs(self) -> Path:
        """The folder of the children's logs."""
        return self.path / "logs"

    @property
    def running_file(self) -> Path:
        """Says where a running stack can be reached; only there while it is ready."""
        return self.path / "stack.json"

    def release(self) -> None:
        """Let another stack have it."""
        self.running_file.unlink(missing_ok=True)
        os.close(self._lock)

    @property
    def key_was_shown(self) -> bool:
        """Whether the API key that was made here has been shown to somebody."""
        return (self.path / "key-was-shown").exists()

    def note_key_was_shown(self) -> None:
        """Let the next run not show it again."""
        (self.path / "key-was-shown").touch()

    def secrets(self) -> dict[str, str]:
        """The kept secrets by name; made now, where they had not been."""
        path = self.path / _SECRETS_FILE
        kept = _read_secrets(path) if path.exists() else {}
        missing = [name for name in _SECRET_NAMES if name not in kept]
        if missing:
            kept |= {name: secrets.token_urlsafe(_SECRET_BYTES) for name in missing}
            _write_secrets(self.path, kept)
        return kept


def _shut_others_out(path: Path) -> None:
    """Let only its owner and its group into a folder that was there, if it is for us alone."""
    mode = stat.S_IMODE(path.stat().st_mode)
    is_ours = (path / "lock").exists() or not any(path.iterdir())
    if is_ours and mode & stat.S_IRWXO:
        with contextlib.suppress(PermissionError):  # it is somebody else's
            path.chmod(mode & ~stat.S_IRWXO)


def rotate_jwt_secret(path: Path) -> None:
    """Give the folder at `path` a new secret for tokens, and keep the one until now as previous.

    A stack that runs there goes on with what it has. DataFolderError if there are no secrets.
    """
    kept = _kept_secrets(path)
    kept[PREVIOUS_JWT_SECRET] = kept["jwt_secret_key"]
    kept["jwt_secret_key"] = secrets.token_urlsafe(_SECRET_BYTES)
    _write_secrets(path, kept)


def forget_previous_jwt_secret(path: Path) -> None:
    """Keep the previous secret no longer. DataFolderError if there are no secrets."""
    kept = _kept_secrets(path)
    kept.pop(PREVIOUS_JWT_SECRET, None)
    _write_secrets(path, kept)


def _kept_secrets(path: Path) -> dict[str, str]:
    file = path / _SECRETS_FILE
    if not file.exists():
        where = f"{path.resolve()} (DATA_DIR)"
        raise DataFolderError(f"{where} has no secrets yet; `backbone up` makes them")
    return _read_secrets(file)


def _read_secrets(file: Path) -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise DataFolderError(f"{file} is not what was written there; delete it") from None
    return kept


def _write_secrets(path: Path, kept: dict[str, str]) -> None:
    write_private(path / _SECRETS_FILE, json.dumps(kept, indent=2) + "\n")


def write_private(path: Path, text: str) -> None:
    """Put `text` into a file that only its owner may read, all of it or nothing."""
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
