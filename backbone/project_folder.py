"""Puts a project's files into a folder: all of them or none, never over what somebody else made."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from common.errors import BackboneError
from common.project_files import check_paths

_MARK: Final = "backbone.json"
_CACHES: Final = (
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".coverage",
    ".venv",
)
_CACHE_ENDING: Final = ".egg-info"
"""Folders that tools make again by themselves."""
_MOST_NAMED: Final = 5


class FolderError(BackboneError):
    """The folder can't be written to, or is somebody else's."""


def check_target(
    target: Path, *, force: bool, as_zip: bool = False, keeps_edits: bool = True
) -> None:
    """Raise FolderError if `target` could not be written in the end. Writes nothing.

    It has to be absent, an empty folder, or an earlier project of ours as it was written (with
    `as_zip`, a file, it has to be absent) unless `force` says that whatever is there may go.
    Without `keeps_edits` an earlier project may go with all that was done to it since.
    """
    place = target.absolute().parent
    while not place.exists() and not place.is_symlink():
        place = place.parent
    if not place.is_dir() or not os.access(place, os.W_OK):
        raise FolderError(f"Can't write to {place}: not a folder that you may write to")
    if as_zip:
        if target.is_dir() or (target.exists() and not force):
            raise FolderError(f"{target} is there already; use --force")
        return
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise FolderError(f"{target} is not a folder")
    if force or not target.exists() or not any(target.iterdir()):
        return
    manifest = _manifest(target)
    if manifest is None:
        raise FolderError(f"{target} is not empty and was not made by backbone; use --force")
    if keeps_edits and (edits := [*_edits(target, manifest)]):
        named = ", ".join(edits[:_MOST_NAMED])
        more = f" and {len(edits) - _MOST_NAMED} more" if len(edits) > _MOST_NAMED else ""
        raise FolderError(
            f"{target} holds what backbone did not write there: {named}{more}; "
            "use --force to lose them"
        )


def write_project(
    files: Mapping[str, bytes], folder: Path, *, force: bool = False, keeps_edits: bool = True
) -> None:
    """Make `folder` hold exactly `files`, replacing what an earlier run left there.

    The files are written beside it and moved into place, so that a failure leaves the folder as
    it was. What may be replaced, `check_target` says. Raises FolderError, and ProjectFilesError for
    paths that could lead out of it.
    """
    check_paths(files)
    check_target(folder, force=force, keeps_edits=keeps_edits)
    folder = folder.absolute()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise FolderError(f"Can't write to {folder.parent}: {_reason(error)}") from None
    try:
        for name, content in files.items():
            target = fresh / PurePosixPath(name)
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
    with whole_file(target) as file:
        file.write(content)


@contextlib.contextmanager
def whole_file(target: Path) -> Iterator[IO[bytes]]:
    """A file that gets the name `target` once all of it is written. Raises FolderError."""
    partial = target.with_name(target.name + ".partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        try:
            with partial.open("xb") as file:  # which follows no link that somebody put there
                yield file
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
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


def _manifest(folder: Path) -> dict[str, Any] | None:
    """What a project of ours says of itself; None where there is none."""
    try:
        manifest = json.loads((folder / _MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and "document" in manifest else None


def _edits(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    """The files that were changed or added since, by path; a folder that is all new as `name/`.

    FolderError where a folder can't be read: what is in there would be lost unseen.
    """
    written = manifest.get("files")
    hashes = written if isinstance(written, dict) else {}
    ours = {parent.as_posix() for path in hashes for parent in PurePosixPath(path).parents}

    def refuse(error: OSError) -> None:
        raise FolderError(f"Can't read {error.filename}: {_reason(error)}; use --force to lose it")

    for place, folders, names in os.walk(folder, onerror=refuse):
        here = Path(place)
        folders[:] = sorted(name for name in folders if not _is_cache(name))
        links = [name for name in folders if (here / name).is_symlink()]
        below = [name for name in folders if name not in links]
        for name in sorted(names + links):
            path = (here / name).relative_to(folder).as_posix()
            if path != _MARK and not _is_as_written(here / name, hashes.get(path)):
                yield _printable(path)
        folders[:] = []
        for name in below:
            path = (here / name).relative_to(folder).as_posix()
            if path in ours:
                folders.append(name)
            elif any((here / name).iterdir()):
                yield f"{_printable(path)}/"


def _is_cache(name: str) -> bool:
    return name in _CACHES or name.endswith(_CACHE_ENDING)


def _is_as_written(path: Path, sha256: object) -> bool:
    if sha256 is None or path.is_symlink() or not path.is_file():
        return False
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


def _printable(path: str) -> str:
    """The path, also where its bytes are no UTF-8."""
    return os.fsencode(path).decode(errors="replace")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
