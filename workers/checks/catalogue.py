"""The checks there are: their names, their order, and the sandbox's jobs that they consist of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from workers.sandbox.limits import Limits

FULL: Final = ("compile", "lint", "types", "import", "schema", "migrate", "tests")
FAST: Final = ("compile", "lint", "import", "schema", "migrate")
LEVELS: Final[dict[str, tuple[str, ...]]] = {
    "none": (),
    "fast": FAST,
    "full": FULL,
    "fuzz": (*FULL, "fuzz"),
    "examples": ("compile", "lint", "types", "tests"),
}
"""By name; `examples` is how bodies of operations are tried, which nobody asks for."""

TEST_SECONDS: Final = 300.0
_MOST_TEST_DATABASES: Final = 8
# How many requests are drawn and for how many seconds at most, and for how many the edges of
# schemas are tried; both have to be over long before the job would be killed
_FUZZ: Final = {"requests": 1_000, "draw_seconds": 180, "seconds": 60}
_FUZZ_LIMITS: Final = Limits(wall_seconds=500, cpu_seconds=300)

# Where there is no server for a dialect, its migrations are compiled and run on SQLite instead
EMBEDDED_ENGINE: Final = "sqlite"


@dataclass(frozen=True, slots=True)
class Step:
    """One job in the sandbox."""

    task: str
    """Its name inside the sandbox; unique among the steps of one verification."""
    check: str | None
    """The check that it is a part of; None where it only prepares another."""
    after: tuple[str, ...] = ()
    """Tasks that have to pass first; their failure skips this one."""
    once_over: tuple[str, ...] = ()
    """Tasks that only have to be over, if they are run at all."""
    arguments: Mapping[str, str | int] = field(default_factory=dict)
    engine: str | None = None
    databases: str | None = None
    """What it needs databases on a server for; steps that say the same get the same ones."""
    database_count: int = 1
    limits: Limits = field(default_factory=Limits)


def steps(
    checks: tuple[str, ...],
    db_type: str,
    *,
    warm: bool,
    on_server: bool = False,
    test_seconds: float = TEST_SECONDS,
) -> tuple[Step, ...]:
    """The jobs for these checks, the longest first where nothing else decides.

    A project that does not compile is spared what would only say so again. `warm` says whether
    what mypy knows of third parties is there already, or has to be made first; `on_server`, whether
    there is a server for `db_type`, other than SQLite. The tests may take `test_seconds`.
    """
    compiled = ("compile",)
    engine = db_type if on_server else EMBEDDED_ENGINE
    migrated = "migrate" if on_server else None
    testing = Limits(wall_seconds=test_seconds)
    planned = [Step("compile", "compile")]
    if not warm and "types" in checks:
        planned.append(Step("warm_types", None, limits=Limits(wall_seconds=180)))
    planned += [
        Step("fuzz", "fuzz", ("migrate",), (), _FUZZ, engine=EMBEDDED_ENGINE, limits=_FUZZ_LIMITS),
        Step("tests", "tests", compiled, engine=EMBEDDED_ENGINE, limits=testing),
        *(_tests_on_server(db_type) if on_server else ()),
        Step("types", "types", compiled, ("warm_types",), limits=Limits(wall_seconds=180)),
        Step("migrate", "migrate", compiled, engine=engine, databases=migrated),
        Step("reflect", "schema", ("migrate",), engine=engine, databases=migrated),
        Step("import", "import", compiled),
        Step("lint", "lint"),
    ]
    if db_type != engine:
        arguments = {"dialect": db_type}
        planned.append(
            Step("compile_migrations", "migrate", compiled, arguments=arguments, engine=engine)
        )
    return tuple(step for step in planned if step.check is None or step.check in checks)


def _tests_on_server(db_type: str) -> tuple[Step, ...]:
    """The project's tests once more, with a database for each of some processors."""
    places = min(len(os.sched_getaffinity(0)), _MOST_TEST_DATABASES)
    return (
        Step(
            "tests_on_server",
            "tests",
            ("compile",),
            engine=db_type,
            databases="tests",
            database_count=places,
            limits=Limits(wall_seconds=TEST_SECONDS),
        ),
    )
