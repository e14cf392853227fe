"""mypy --strict finds nothing."""

from __future__ import annotations

import io
import os
import re
import tarfile
import tomllib
from pathlib import Path
from typing import Any, Final

from mypy import api

from ..job import Job, read_input
from .surroundings import enter_project
from .verdict import failed, passed

_FOUND_NOTHING: Final = re.compile(r"Success: no issues found in (\d+) source files?")
_TARGETS: Final = ("files", "packages", "modules")


def check_types(job: Job) -> dict[str, Any]:
    """Run mypy over what the project says is to be checked, or over `app`.

    The second input, if there is one, is a cache of third parties as `warm_types` made it.
    """
    enter_project(job)
    cache = job.folder / "cache"
    cache.mkdir()
    if len(job.inputs) > 1:
        _fill(cache, read_input(job.inputs[1]))
    targets = [] if any(target in _settings(job) for target in _TARGETS) else ["app"]
    output, errors, status = _mypy(cache, targets)
    found = [line for line in output.splitlines() if ": error: " in line]
    success = _FOUND_NOTHING.search(output)
    if status != 0 or success is None:
        reason = f"mypy ended with status {status}"
        if found:
            reason = f"{len(found)} error{'s' if len(found) > 1 else ''}"
        return failed(reason, output=output + errors, details=found)
    count = sum(1 for _ in (job.project / "app").rglob("*.py"))
    if int(success[1]) < count:
        return failed(f"only {success[1]} files are checked, but app has {count}")
    return passed()


def warm_types(job: Job) -> dict[str, Any]:
    """Check a project of imports alone; what mypy then knows goes to the last input."""
    enter_project(job)
    cache = job.folder / "cache"
    cache.mkdir()
    output, errors, status = _mypy(cache, ["."])
    if status != 0:
        return failed(f"mypy ended with status {status}", output=output + errors)
    with (
        os.fdopen(os.dup(job.inputs[-1]), "wb") as sink,
        tarfile.open(fileobj=sink, mode="w") as tar,
    ):
        for path in sorted(cache.rglob("*")):
            if path.is_file():
                tar.add(path, str(path.relative_to(cache)))
    return passed()


def _mypy(cache: Path, targets: list[str]) -> tuple[str, str, int]:
    arguments = ["--strict", "--no-color-output", "--cache-dir", str(cache), *targets]
    return api.run(arguments)


def _settings(job: Job) -> dict[str, Any]:
    path = job.project / "pyproject.toml"
    if not path.exists():
        return {}
    settings = tomllib.loads(path.read_text(encoding="utf-8"))
    found = settings.get("tool", {}).get("mypy", {})
    return found if isinstance(found, dict) else {}


def _fill(folder: Path, content: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        # As an attribute, because Python 3.11 knows the argument only from 3.11.4 on
        tar.extraction_filter = getattr(tarfile, "data_filter", lambda member, _path: member)
        tar.extractall(folder)  # noqa: S202 - filtered, and made by a job of ours
