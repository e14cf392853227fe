"""The stage that proves a project: all checks of a level, side by side, in the sandbox."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from typing import Final, Self

from common.document.models import ProjectDocument
from common.errors import TransientError
from workers.checks.catalogue import EMBEDDED_ENGINE, LEVELS, TEST_SECONDS, Step, steps
from workers.checks.materials import Materials
from workers.checks.verdicts import Finding, read_finding, results, skipped
from workers.engines import Engines
from workers.engines.databases import Databases
from workers.report import CheckResult, Outcome, Report
from workers.sandbox.isolation import GATES
from workers.sandbox.running import RunningJob
from workers.sandbox.sandbox import Sandbox

_POLL_SECONDS: Final = 0.1


class VerificationCancelled(Exception):  # noqa: N818 - nothing went wrong
    """The caller no longer wants to know; nothing of the verification runs any more."""


def verify(
    files: Mapping[str, str],
    document: ProjectDocument,
    *,
    level: str,
    sandbox: Sandbox,
    engines: Engines | None = None,
    require_engine: str | None = None,
    test_seconds: float = TEST_SECONDS,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Report:
    """Run the checks of `level` (`none fast full fuzz`) over `files` (path: text).

    Where `engines` have a server for the document's `db_type`, the project is tried on it.
    `require_engine` fails the migration unless that database is tried. Tests on SQLite are ended
    after `test_seconds`. `on_progress` hears how many checks are done, of how many. `cancelled` is
    asked several times a second.
    Raises VerificationCancelled, TransientError where the sandbox or a server is lost, ValueError
    for a level that there is not.
    """
    if level not in LEVELS:
        raise ValueError(f"no level of verification is called {level!r}")
    checks = LEVELS[level]
    on_progress(0, len(checks))
    if not checks:
        return Report(level, (), ())
    with contextlib.ExitStack() as stack:
        databases = _databases(document.db_type, engines, sandbox)
        if databases is not None:
            stack.enter_context(databases)
        materials = stack.enter_context(Materials(files, document, sandbox.cache_dir, databases))
        planned = steps(
            checks,
            document.db_type,
            warm=materials.warm,
            on_server=databases is not None,
            test_seconds=test_seconds,
        )
        verification = stack.enter_context(_Verification(planned, materials, sandbox))
        findings = verification.finish(on_progress, cancelled)
    found = results(checks, findings)
    warnings: tuple[str, ...] = ()
    if databases is None and document.db_type != EMBEDDED_ENGINE:
        warnings = (_compiled_only(document.db_type),)
    missing = _missing(require_engine, document.db_type, tried=databases is not None)
    if missing is not None:
        found = tuple(_required(result, missing) for result in found)
    return Report(level, found, _isolation(findings), warnings)


def has_server(db_type: str, engines: Engines | None, sandbox: Sandbox) -> bool:
    """Whether a project for `db_type` would be tried on a server of that kind."""
    if db_type == EMBEDDED_ENGINE or engines is None or not sandbox.has_gates:
        return False
    return engines.has(db_type)


def _databases(db_type: str, engines: Engines | None, sandbox: Sandbox) -> Databases | None:
    """Databases on a server for `db_type`; None where there is none that could be reached."""
    if engines is None or not has_server(db_type, engines, sandbox):
        return None
    return Databases(engines, db_type, sandbox.gates, GATES)


class _Verification:
    """One run: what is still to start, what runs, what was found."""

    def __init__(self, planned: tuple[Step, ...], materials: Materials, sandbox: Sandbox) -> None:
        self._planned = planned
        self._materials = materials
        self._sandbox = sandbox
        self._pending = list(planned)
        self._running: dict[RunningJob, Step] = {}
        self._findings: dict[str, Finding] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(TransientError):  # the jobs are gone with their sandbox
            self._sandbox.end_all()

    def finish(
        self, on_progress: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> list[Finding]:
        """Run all steps, as many at a time as there are processors."""
        places = max(1, len(os.sched_getaffinity(0)))
        checks = {step.check for step in self._planned} - {None}
        done = 0
        while self._pending or self._running:
            self._start_ready(places)
            for ended in self._sandbox.wait(_POLL_SECONDS):
                step = self._running.pop(ended.job)
                self._findings[step.task] = self._materials.take(read_finding(step, ended))
            if cancelled():
                raise VerificationCancelled
            open_checks = {step.check for step in self._planned if step.task not in self._findings}
            if len(checks - open_checks) > done:
                done = len(checks - open_checks)
                on_progress(done, len(checks))
        return [self._findings[step.task] for step in self._planned]

    def _start_ready(self, places: int) -> None:
        for step in [*self._pending]:
            needed = [self._findings.get(task) for task in step.after]
            broken = [each for each in needed if each and each.outcome is not Outcome.PASSED]
            if broken:
                self._pending.remove(step)
                self._findings[step.task] = skipped(step, broken[0].step)
            elif None in needed or not self._over(step.once_over):
                continue
            elif len(self._running) < places:
                self._pending.remove(step)
                job = self._sandbox.start(
                    step.task,
                    inputs=self._materials.inputs(step),
                    arguments=self._materials.arguments(step),
                    limits=step.limits,
                )
                self._running[job] = step

    def _over(self, tasks: tuple[str, ...]) -> bool:
        planned = {step.task for step in self._planned}
        return all(task in self._findings for task in tasks if task in planned)


def _compiled_only(db_type: str) -> str:
    return (
        f"compiled only: there is no {db_type} server here; the migration was compiled for"
        f" {db_type} and run on {EMBEDDED_ENGINE}"
    )


def _missing(required: str | None, db_type: str, *, tried: bool) -> str | None:
    """Why the engine that is required was not tried, or None if it was, or none is."""
    if required in (None, EMBEDDED_ENGINE):
        return None
    if required != db_type:
        return f"{required} is required, but the project is made for {db_type}"
    return None if tried else f"{required} is required, and there is no such server here"


def _required(result: CheckResult, missing: str) -> CheckResult:
    if result.name != "migrate" or result.outcome is Outcome.FAILED:
        return result
    return CheckResult(
        result.name, Outcome.FAILED, result.engine, result.seconds, missing, "", result.details
    )


def _isolation(findings: list[Finding]) -> tuple[str, ...]:
    """The layers that held for every step that ran."""
    ran = [finding.layers for finding in findings if finding.layers]
    first = ran[0] if ran else ()
    return tuple(layer for layer in first if all(layer in layers for layers in ran))
