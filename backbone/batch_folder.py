"""All artifacts of a batch, fetched into a file or unpacked, each in a folder of its own."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from backbone.project_folder import FolderError, check_target, files_of, write_project, write_zip

if TYPE_CHECKING:
    from backbone.batch_client import BatchClient

_RESULTS = "results.jsonl"


def fetch(client: BatchClient, batch_id: str, target: Path) -> None:
    """Write the batch's zip to `target`, all of it or nothing. FolderError, RequestError."""
    partial = target.with_name(target.name + ".partial")
    try:
        with client.batch_artifact(batch_id) as pieces:
            target.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                for piece in pieces:
                    file.write(piece)
        partial.replace(target)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FolderError(f"Can't write {target}: {reason}") from None
    finally:
        partial.unlink(missing_ok=True)


def unpack(archive_path: Path, folder: Path, *, force: bool) -> int:
    """Put each project into `folder/<its name>`, and the results beside; how many projects.

    What an earlier run left there is replaced; FolderError before anything is written where there
    is something else, or it was changed since, unless `force` is given.
    """
    with zipfile.ZipFile(archive_path) as archive:
        names = [name for name in archive.namelist() if name != _RESULTS]
        for name in names:
            if "/" in name or "\\" in name or name.startswith("."):
                raise FolderError(f"The zip holds a file outside of itself: {name}")
            check_target(folder / name.removesuffix(".zip"), force=force)
        for name in names:
            files = files_of(archive.read(name))
            write_project(files, folder / name.removesuffix(".zip"), force=force)
        write_zip(archive.read(_RESULTS), folder / _RESULTS)
    return len(names)
