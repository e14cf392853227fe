"""Every Python file compiles, without as much as a warning."""

from __future__ import annotations

import warnings
from typing import Any

from ..job import Job
from .verdict import failed, passed


def compile_project(job: Job) -> dict[str, Any]:
    """Compile what there is; nothing of it is run."""
    warnings.simplefilter("error")
    details = []
    paths = sorted(job.project.rglob("*.py"))
    for path in paths:
        name = str(path.relative_to(job.project))
        try:
            compile(path.read_bytes(), name, "exec", dont_inherit=True)
        except SyntaxError as error:
            details.append(f"{name}:{error.lineno}: {error.msg}")
        except (Warning, ValueError, RecursionError, MemoryError) as error:
            details.append(f"{name}: {type(error).__name__}: {error}")
    if not paths:
        return failed("there is no Python file")
    if details:
        return failed(f"{len(details)} of {len(paths)} files do not compile", details=details)
    return passed()
