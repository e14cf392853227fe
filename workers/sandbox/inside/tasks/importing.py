"""The application and all of its modules import, and it can describe its API."""

from __future__ import annotations

import importlib
from typing import Any

from ..job import Job
from .surroundings import enter_project
from .verdict import failed, in_one_line, passed, traced


def import_project(job: Job) -> dict[str, Any]:
    """Import `app.main`, build its OpenAPI description, then import every module under `app`."""
    enter_project(job)
    try:
        application = importlib.import_module("app.main").app
        description = application.openapi()
    except BaseException as error:  # noqa: BLE001 - whatever it raises is what is to be shown
        return failed(in_one_line(error), output=traced(error, job.project))
    if not isinstance(description, dict) or not description.get("paths"):
        return failed("app.openapi() describes no path")
    details = []
    first = ""
    for path in sorted((job.project / "app").rglob("*.py")):
        parts = path.relative_to(job.project).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        try:
            importlib.import_module(name)
        except BaseException as error:  # noqa: BLE001 - as above
            details.append(f"{name}: {in_one_line(error)}")
            first = first or traced(error, job.project)
    if details:
        return failed(f"{len(details)} modules do not import", output=first, details=details)
    return passed(path_count=len(description["paths"]))
