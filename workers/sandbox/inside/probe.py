"""What would isolate a job here: found out by isolating one that does nothing."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from typing import Any, Final

from .job import Job, clear_folder, start_job

_LIMITS: Final = {
    "cpu_seconds": 10,
    "memory_bytes": 1 << 30,
    "file_bytes": 1 << 20,
    "folder_bytes": 1 << 20,
    "folder_files": 100,
    "open_files": 64,
    "processes": 8,
}


def held_layers(folder: Path, readable: tuple[str, ...], wanted: frozenset[str]) -> list[str]:
    """Those of the `wanted` layers that hold for a job.

    Raises where one can't run, or not reach the packages that it needs.
    """
    for name in ("json", "fastapi"):
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise ImportError(f"no {name}")
        Path(found.origin).read_bytes()
    heard, told = os.pipe()
    nothing = os.open("/dev/null", os.O_WRONLY)
    project = os.memfd_create("project")
    os.write(project, b"{}")
    place = folder / "0"
    place.mkdir()
    job = Job("nothing", {}, _LIMITS, told, nothing, (project,), place, readable, wanted)
    process = start_job(job, _do_nothing, (heard,))
    os.close(told)
    with os.fdopen(heard, "rb") as file:
        lines = file.read().splitlines()
    _, status = os.waitpid(process, 0)
    clear_folder(place)
    if status != 0 or not lines:
        raise OSError(f"a job that does nothing ends with {status}")
    layers: list[str] = json.loads(lines[0])["layers"]
    return layers


def _do_nothing(_: Job) -> dict[str, Any]:
    return {}
