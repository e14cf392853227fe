"""The way from a document to an artifact, on one page.

Stages are functions of values. None of them knows of stores, settings or the queue: the worker and
`backbone generate` both run them from here, and are told what is being done by callbacks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

from common.document.limits import DocumentLimits
from common.document.models import ProjectDocument, RunOptions
from common.document.resolved import ResolvedDocument
from common.document.unsupported import read_supported
from common.errors import BackboneError, GenerationError, RequestError
from common.jobs.codes import ErrorCode
from common.jobs.job import Stage
from workers.checkpoints import NO_CHECKPOINTS, Checkpoints, fingerprint
from workers.checks.catalogue import LEVELS
from workers.engines import Engines
from workers.plan import Plan, make_plan
from workers.plan.factories import unfillable
from workers.report import Report, read_report, write_report
from workers.sandbox.sandbox import Sandbox
from workers.stages.package import package
from workers.stages.render import render
from workers.stages.verify import VerificationCancelled, has_server, verify


class StoppedError(BackboneError):
    """The pipeline was told to stop, and did."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Whom the pipeline tells what it does, and asks whether it shall go on.

    `stage(stage)` when one begins, `step(done, total)` within it; `cancelled()` is asked often and
    has to be quick.
    """

    stage: Callable[[Stage], None]
    step: Callable[[int, int], None]
    cancelled: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a document. It is a success only if `report.passed`."""

    files: Mapping[str, str]
    """The project's files by path, without `backbone.json`"""
    report: Report
    archive: bytes
    """The zip, `backbone.json` included"""


def run_pipeline(
    raw: object,
    *,
    limits: DocumentLimits,
    sandbox: Sandbox,
    progress: Progress,
    engines: Engines | None = None,
    checkpoints: Checkpoints = NO_CHECKPOINTS,
) -> Outcome:
    """Make the project of a document and prove it.

    What an earlier run kept in `checkpoints` is not done again. Raises GenerationError if it can't
    be done, TransientError if it can't be done now, and StoppedError soon after
    `progress.cancelled()` turned true.
    """
    document, resolved, run = _read(raw, limits)

    _begin(Stage.PLAN, progress)
    plan = make_plan(resolved)

    _begin(Stage.RENDER, progress)
    files = render(plan)

    _begin(Stage.VERIFY, progress)
    trial = _Trial(document, run, sandbox, engines)
    report = trial.find(files, checkpoints)
    if report is None:
        report = trial.make(files, progress)
        trial.keep(report, files, checkpoints)
    report = replace(report, warnings=(*report.warnings, *_unfillable(plan)))

    _begin(Stage.PACKAGE, progress)
    archive = package(files, _manifest(raw, report))
    return Outcome(files, report, archive)


@dataclass(frozen=True, slots=True)
class _Trial:
    """How the files of a project are verified, and what decides what comes of it."""

    document: ProjectDocument
    run: RunOptions
    sandbox: Sandbox
    engines: Engines | None

    def make(self, files: Mapping[str, str], progress: Progress) -> Report:
        try:
            return verify(
                files,
                self.document,
                level=self.run.verify,
                sandbox=self.sandbox,
                engines=self.engines,
                require_engine=self._required,
                on_progress=progress.step,
                cancelled=progress.cancelled,
            )
        except VerificationCancelled as error:
            raise StoppedError("stopped while verifying") from error

    def find(self, files: Mapping[str, str], checkpoints: Checkpoints) -> Report | None:
        """The report of a run that passed, of these files, under the same circumstances."""
        if not LEVELS.get(self.run.verify) or checkpoints is NO_CHECKPOINTS:
            return None
        kept = checkpoints.find(Stage.VERIFY, self._fingerprint(files))
        if kept is None:
            return None
        with contextlib.suppress(ValueError):  # it is made again
            report = read_report(kept)
            return report if report.passed else None
        return None

    def keep(self, report: Report, files: Mapping[str, str], checkpoints: Checkpoints) -> None:
        """Keep what was proven. What failed is tried again by whoever tries again."""
        if report.checks and report.passed and checkpoints is not NO_CHECKPOINTS:
            checkpoints.keep(Stage.VERIFY, self._fingerprint(files), write_report(report))

    @property
    def _required(self) -> str | None:
        return self.run.required_engine(self.document.db_type)

    def _fingerprint(self, files: Mapping[str, str]) -> str:
        return fingerprint(
            Stage.VERIFY,
            dict(files),
            self.document.model_dump(mode="json"),
            [self.run.verify, self._required],
            has_server(self.document.db_type, self.engines, self.sandbox),
            list(self.sandbox.layers),
        )


def _read(
    raw: object, limits: DocumentLimits
) -> tuple[ProjectDocument, ResolvedDocument, RunOptions]:
    """Read the document again: what was good when it was accepted is good now, or says why not."""
    try:
        reading = read_supported(raw, limits)
    except RequestError as error:
        raise GenerationError(ErrorCode.INVALID_DOCUMENT, error.detail) from error
    if reading.document is None or reading.resolved is None or reading.run is None:
        faults = "; ".join(f"{fault.pointer}: {fault.message}" for fault in reading.faults[:10])
        raise GenerationError(ErrorCode.INVALID_DOCUMENT, f"The document is not valid: {faults}")
    return reading.document, reading.resolved, reading.run


def _unfillable(plan: Plan) -> Iterator[str]:
    """What the API of the project can't do, because of the document's own keys."""
    for table in unfillable(plan):
        yield (
            f"no row of {table} can be made through the API: it has to refer to a row that leads"
            " back to it, and each request makes one row"
        )


def _begin(stage: Stage, progress: Progress) -> None:
    if progress.cancelled():
        raise StoppedError(f"stopped before {stage}")
    progress.stage(stage)


def _manifest(raw: object, report: Report) -> dict[str, object]:
    """What `backbone.json` says; of the document all but `run`, which shapes nothing."""
    document: dict[str, Any] = dict(raw) if isinstance(raw, dict) else {}
    document.pop("run", None)
    return {
        "generator": {"name": "backbone-ai", "version": version("backbone-ai")},
        "document": document,
        "checks": [
            {"name": check.name, "engine": check.engine, "outcome": check.outcome.value}
            for check in report.checks
        ],
        "llm": [],
    }
