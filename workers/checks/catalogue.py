"""The checks there are: their names, their order, and the sandbox's jobs that they consist of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from workers.sandbox.limits import Limits

FULL: Final = ("compile", "lint", "import", "migrate")
FAST: Final = FULL
LEVELS: Final[dict[str, tuple[str, ...]]] = {"none": (), "fast": FAST, "full": FULL}

# Where there is no server for a dialect, its migrations are compiled and run on SQLite instead
EMBEDDED_ENGINE: Final = "sqlite"


@dataclass(frozen=True, slots=True)
class Step:
    """One job in the sandbox."""

    task: str
    """Its name inside the sandbox; unique among the steps of one verification."""
    check: str
    """The check that it is a part of."""
    after: tuple[str, ...] = ()
    """Tasks that have to pass first; their failure skips this one."""
    arguments: dict[str, str] = field(default_factory=dict)
    engine: str | None = None
    limits: Limits = field(default_factory=Limits)


def steps(checks: tuple[str, ...], db_type: str) -> tuple[Step, ...]:
    """The jobs for these checks, the longest first where nothing else decides.

    A project that does not compile is spared what would only say so again.
    """
    compiled = ("compile",)
    engine = EMBEDDED_ENGINE
    planned = [Step("compile", "compile"), Step("lint", "lint")]
    planned.append(Step("tests", "tests", compiled, engine=engine, limits=Limits(wall_seconds=300)))
    planned.append(Step("types", "types", compiled, limits=Limits(wall_seconds=180)))
    planned.append(Step("migrate", "migrate", compiled, engine=engine))
    if db_type != engine:
        arguments = {"dialect": db_type}
        planned.append(Step("compile_migrations", "migrate", compiled, arguments, engine))
    planned.append(Step("reflect", "schema", ("migrate",), engine=engine))
    planned.append(Step("import", "import", compiled))
    return tuple(step for step in planned if step.check in checks)
