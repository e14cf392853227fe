"""All artifacts of a batch, fetched into a file or unpacked, each in a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from backbone.project_folder import check_target, whole_file, write_project, write_zip
from backbone.project_zip import checked, content_of, files_of, opened
from common.project_files import MOST_BYTES, ProjectFilesError, check_paths

if TYPE_CHECKING:
    from backbone.batch_client import BatchClient

_RESULTS = "results.jsonl"
_MOST_PROJECTS = 100_000


def fetch(client: BatchClient, batch_id: str, target: Path) -> None:
    """Write the batch's zip to `target`, all of it or nothing. FolderError, RequestError."""
    with client.batch_artifact(batch_id) as pieces, whole_file(target) as file:
        for piece in pieces:
            file.write(piece)


def unpack(archive_path: Path, folder: Path, *, force: bool) -> int:
    """Put each project into `folder/<its name>`, and the results beside; how many projects.

    What an earlier run left there is replaced; FolderError before anything is written where there
    is something else, or it was changed since, unless `force` is given. ProjectFilesError for a zip
    that no batch makes: before anything is written, or else before its project is.
    """
    with opened(archive_path) as archive:
        entries = {entry.filename: entry for entry in checked(archive)}
        if _RESULTS not in entries or len(entries) > _MOST_PROJECTS:
            raise ProjectFilesError("The zip is not one that a batch makes")
        places = {name: folder / name.removesuffix(".zip") for name in entries if name != _RESULTS}
        for name, place in places.items():
            if "/" in name or name.startswith(".") or not name.endswith(".zip"):
                raise ProjectFilesError(f"The zip holds {name!a}, which is no project")
            check_target(place, force=force)
        check_paths(place.name for place in places.values())
        for name, entry in entries.items():
            if entry.file_size > MOST_BYTES:
                raise ProjectFilesError(f"{name} has {entry.file_size:,} bytes")
        for name, place in places.items():
            write_project(files_of(content_of(archive, entries[name])), place, force=force)
        write_zip(content_of(archive, entries[_RESULTS]), folder / _RESULTS)
    return len(places)
