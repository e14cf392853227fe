"""Puts a project's files into a folder: all of them or none, never over what somebody else made."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from common.errors import BackboneError

_MARK = "backbone.json"


class FolderError(BackboneError):
    """The folder can't be written to, or is somebody else's."""


def files_of(artifact: bytes) -> dict[str, bytes]:
    """The files of an artifact's zip, by path."""
    with zipfile.ZipFile(io.BytesIO(artifact)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def refuse_foreign(folder: Path, *, as_zip: bool = False) -> None:
    """Raise FolderError if `folder` is neither empty, absent, nor an earlier project of ours.

    With `as_zip` it is a file that is to be written, and must not be there.
    """
    if as_zip:
        if folder.exists():
            raise FolderError(f"{folder} is there already; use --force")
        return
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise FolderError(f"{folder} is not a folder")
    if folder.exists() and any(folder.iterdir()) and not _is_ours(folder):
        raise FolderError(f"{folder} is not empty and was not made by backbone; use --force")


def write_project(files: Mapping[str, bytes], folder: Path, *, force: bool = False) -> None:
    """Make `folder` hold exactly `files`, replacing what an earlier run left there.

    The files are written beside it and moved into place, so that a failure leaves the folder as
    it was. With `force` a folder of any origin is replaced. Raises FolderError.
    """
    if not force:
        refuse_foreign(folder)
    folder = folder.absolute()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise FolderError(f"Can't write to {folder.parent}: {_reason(error)}") from None
    try:
        for name, content in files.items():
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts:
                raise FolderError(f"The artifact holds a file outside of itself: {name}")
            target = fresh / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        fresh.chmod(0o755)
        _swap(fresh, folder)
    except OSError as error:
        raise FolderError(f"Can't write {folder}: {_reason(error)}") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def write_zip(content: bytes, target: Path) -> None:
    """Write the file `target`, all of it or nothing. Raises FolderError."""
    partial = target.with_name(target.name + ".partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(target)
    except OSError as error:
        if partial.is_file():
            partial.unlink()
        raise FolderError(f"Can't write {target}: {_reason(error)}") from None


def tree(paths: list[str]) -> list[str]:
    """The paths drawn as a tree, one line each."""
    lines: list[str] = []
    root: dict[str, object] = {}
    for path in sorted(paths):
        place = root
        for part in path.split("/"):
            place = place.setdefault(part, {})  # type: ignore[assignment] # a tree of dicts

    def draw(place: dict[str, object], indent: str) -> None:
        names = sorted(place, key=lambda name: (not place[name], name))
        for name in names:
            last = name == names[-1]
            below = place[name]
            lines.append(f"{indent}{'└── ' if last else '├── '}{name}{'/' if below else ''}")
            if isinstance(below, dict):
                draw(below, indent + ("    " if last else "│   "))

    draw(root, "")
    return lines


def _swap(fresh: Path, folder: Path) -> None:
    if not folder.exists():
        fresh.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    folder.rename(old / "replaced")
    try:
        fresh.rename(folder)
    except OSError:
        (old / "replaced").rename(folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / _MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and "document" in manifest


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
