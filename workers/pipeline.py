"""The way from a document to an artifact, on one page.

Stages are functions of values. None of them knows of stores, settings or the queue: the worker and
`backbone generate` both run them from here, and are told what is being done by callbacks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Any, Final

from common.document.limits import DocumentLimits
from common.document.models import ProjectDocument, RunOptions
from common.document.prompt import Prompt, is_prompt, read_prompt
from common.document.read import read_document
from common.document.resolved import ResolvedDocument
from common.document.unsupported import NO_MODEL, NO_WRITER, unwritten_beside
from common.errors import BackboneError, Fault, GenerationError, RequestError
from common.jobs.codes import ErrorCode
from common.jobs.job import Stage
from workers.checkpoints import NO_CHECKPOINTS, Checkpoints, fingerprint, rounds_before
from workers.checks.catalogue import LEVELS
from workers.engines import Engines
from workers.llm.model import Model
from workers.plan import Plan, make_plan
from workers.plan.factories import unfillable
from workers.plan.operations import Implementation
from workers.report import Report, read_report, write_report
from workers.sandbox.sandbox import Sandbox
from workers.stages.design import PROMPT as DESIGN_PROMPT
from workers.stages.design import Design, design
from workers.stages.implement import (
    MAX_REPAIRS,
    Implemented,
    UnfilledError,
    implement,
    own_bodies,
    read_implemented,
    write_implemented,
)
from workers.stages.package import package
from workers.stages.render import RenderingCancelled, render
from workers.stages.verify import VerificationCancelled, has_server, verify

_NOTHING: Final = Implemented({}, ())


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
    designed: Callable[[Design], None] = lambda _design: None
    """Hears of the document that a model made of a prompt, before anything is made of it"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a document. It is a success only if `report.passed`."""

    files: Mapping[str, str]
    """The project's files by path, without `backbone.json`"""
    report: Report
    archive: bytes
    """The zip, `backbone.json` included"""


class UnfinishedError(GenerationError):
    """A job that can't be done, and what was made of it all the same: some of it was paid for."""

    def __init__(self, error: GenerationError, outcome: Outcome) -> None:
        super().__init__(error.code, error.message, stage=error.stage, retryable=error.retryable)
        self.outcome = outcome
        """Its report tells of operations, and of no check"""


def run_pipeline(
    raw: object,
    *,
    limits: DocumentLimits,
    sandbox: Sandbox,
    progress: Progress,
    engines: Engines | None = None,
    checkpoints: Checkpoints = NO_CHECKPOINTS,
    model: Model | None = None,
    max_repairs: int = MAX_REPAIRS,
) -> Outcome:
    """Make the project of a document, or of a prompt, and prove it.

    Without a `model` only what needs none can be made; it is asked for operations where `limits`
    say that it can be. What an earlier run kept in `checkpoints` is not done again. Raises
    GenerationError if it can't be done (UnfinishedError where a part of it was), TransientError and
    DeferredError if it can't be done now, and StoppedError soon after `progress.cancelled()` turned
    true.
    """
    writer = model if limits.can_implement else None
    written = None
    if is_prompt(raw):
        if writer is None and unwritten_beside(_read_prompt(raw, limits)) is not None:
            raise GenerationError(ErrorCode.LLM_NOT_CONFIGURED, NO_WRITER, retryable=True)
        written = run_design(
            raw,
            limits=limits,
            progress=progress,
            checkpoints=checkpoints,
            model=model,
            max_repairs=max_repairs,
        )
        raw = written.document
    document, resolved, run = _read(raw, limits)
    if writer is None and document.requires_llm:
        raise GenerationError(ErrorCode.LLM_NOT_CONFIGURED, NO_WRITER, retryable=True)

    _begin(Stage.PLAN, progress)
    plan = make_plan(resolved)

    _begin(Stage.RENDER, progress)
    own = own_bodies(plan)
    files = _render(plan, own, progress)

    implemented = _NOTHING
    if plan.operations:
        _begin(Stage.IMPLEMENT, progress)
        filling = _Filling(plan, document, run, sandbox, writer, max_repairs)
        try:
            implemented = filling.find(checkpoints) or filling.make(checkpoints, progress)
        except UnfilledError as error:
            files = _render(plan, {**own, **error.implemented.bodies}, progress)
            told = Report(run.verify, (), sandbox.layers, operations=error.implemented.results)
            archive = package(files, _manifest(raw, written, told))
            raise UnfinishedError(error, Outcome(files, told, archive)) from error
        if implemented.bodies.keys() != own.keys():
            files = _render(plan, implemented.bodies, progress)

    _begin(Stage.VERIFY, progress)
    trial = _Trial(document, run, sandbox, engines)
    report = trial.find(files, checkpoints)
    if report is None:
        report = trial.make(files, progress)
        trial.keep(report, files, checkpoints)
    report = replace(
        report,
        warnings=(*report.warnings, *_unfillable(plan), *_stubs(implemented)),
        operations=implemented.results,
    )

    _begin(Stage.PACKAGE, progress)
    archive = package(files, _manifest(raw, written, report))
    return Outcome(files, report, archive)


def run_design(
    raw: object,
    *,
    limits: DocumentLimits,
    progress: Progress,
    model: Model | None,
    checkpoints: Checkpoints = NO_CHECKPOINTS,
    max_repairs: int = MAX_REPAIRS,
) -> Design:
    """Have a model make the document of a prompt. Raises as `run_pipeline`."""
    _begin(Stage.DESIGN, progress)
    if model is None:
        raise GenerationError(ErrorCode.LLM_NOT_CONFIGURED, NO_MODEL, retryable=True)
    made = design(
        _read_prompt(raw, limits),
        model,
        limits=limits,
        max_repairs=max_repairs,
        rounds=1 + rounds_before(checkpoints, Stage.DESIGN),
        on_progress=progress.step,
    )
    progress.designed(made)
    return made


@dataclass(frozen=True, slots=True)
class _Filling:
    """How operations are filled, and what decides what comes of it."""

    plan: Plan
    document: ProjectDocument
    run: RunOptions
    sandbox: Sandbox
    model: Model | None
    max_repairs: int

    def find(self, checkpoints: Checkpoints) -> Implemented | None:
        """What an earlier run filled them with, under the same circumstances."""
        if checkpoints is NO_CHECKPOINTS:
            return None
        kept = checkpoints.find(Stage.IMPLEMENT, self._fingerprint())
        with contextlib.suppress(ValueError):  # it is made again
            return None if kept is None else read_implemented(kept, self.plan)
        return None

    def make(self, checkpoints: Checkpoints, progress: Progress) -> Implemented:
        try:
            made = implement(
                self.plan,
                self.document,
                level=self.run.verify,
                model=self.model,
                sandbox=self.sandbox,
                max_repairs=self.max_repairs,
                rounds=1 + rounds_before(checkpoints, Stage.IMPLEMENT),
                checkpoints=checkpoints,
                on_progress=progress.step,
                cancelled=progress.cancelled,
            )
        except (RenderingCancelled, VerificationCancelled) as error:
            raise StoppedError("stopped while implementing") from error
        if checkpoints is not NO_CHECKPOINTS:
            checkpoints.keep(Stage.IMPLEMENT, self._fingerprint(), write_implemented(made))
        return made

    def _fingerprint(self) -> str:
        return fingerprint(
            Stage.IMPLEMENT,
            self.document.model_dump(mode="json", exclude={"run"}),
            [self.run.verify, self.model is not None, self.max_repairs],
            list(self.sandbox.layers),
        )


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


def _read_prompt(raw: object, limits: DocumentLimits) -> Prompt:
    try:
        reading = read_prompt(raw, limits) if is_prompt(raw) else None
    except RequestError as error:
        raise GenerationError(ErrorCode.INVALID_DOCUMENT, error.detail) from error
    if reading is None or reading.prompt is None:
        faults = _named(reading.faults if reading else ())
        raise GenerationError(ErrorCode.INVALID_DOCUMENT, f"The prompt is not valid: {faults}")
    return reading.prompt


def _read(
    raw: object, limits: DocumentLimits
) -> tuple[ProjectDocument, ResolvedDocument, RunOptions]:
    """Read the document again: what was good when it was accepted is good now, or says why not."""
    try:
        reading = read_document(raw, limits)
    except RequestError as error:
        raise GenerationError(ErrorCode.INVALID_DOCUMENT, error.detail) from error
    if reading.document is None or reading.resolved is None or reading.run is None:
        faults = _named(reading.faults)
        raise GenerationError(ErrorCode.INVALID_DOCUMENT, f"The document is not valid: {faults}")
    return reading.document, reading.resolved, reading.run


def _render(plan: Plan, bodies: Mapping[str, Implementation], progress: Progress) -> dict[str, str]:
    try:
        return render(plan, bodies, cancelled=progress.cancelled)
    except RenderingCancelled as error:
        raise StoppedError("stopped while rendering") from error


def _named(faults: Sequence[Fault]) -> str:
    return "; ".join(f"{fault.pointer}: {fault.message}" for fault in faults[:10])


def _unfillable(plan: Plan) -> Iterator[str]:
    """What the API of the project can't do, because of the document's own keys."""
    for table in unfillable(plan):
        yield (
            f"no row of {table} can be made through the API: it has to refer to a row that leads"
            " back to it, and each request makes one row"
        )


def _stubs(implemented: Implemented) -> Iterator[str]:
    """What the API of the project refuses with 501."""
    for result in implemented.results:
        if result.outcome == "stub":
            yield f"the operation {result.name} is a stub that answers 501: {result.reason}"


def _begin(stage: Stage, progress: Progress) -> None:
    if progress.cancelled():
        raise StoppedError(f"stopped before {stage}")
    progress.stage(stage)


def _manifest(raw: object, written: Design | None, report: Report) -> dict[str, object]:
    """What `backbone.json` says; of the document all but `run`, which shapes nothing."""
    document: dict[str, Any] = dict(raw) if isinstance(raw, dict) else {}
    document.pop("run", None)
    manifest: dict[str, object] = {
        "generator": {"name": "backbone-ai", "version": version("backbone-ai")},
        "document": document,
        "checks": [
            {"name": check.name, "engine": check.engine, "outcome": check.outcome.value}
            for check in report.checks
        ],
        "llm": [
            *(
                {
                    "document": True,
                    "provider": made.provider,
                    "model": made.model,
                    "prompt": DESIGN_PROMPT,
                }
                for made in ([written] if written else [])
            ),
            *(
                {
                    "operation": result.name,
                    "provider": result.provider,
                    "model": result.model,
                    "prompt": result.prompt,
                    "sha256": result.sha256,
                }
                for result in report.operations
                if result.provider is not None
            ),
        ],
    }
    if report.operations:
        manifest["operations"] = [
            {
                "name": result.name,
                "outcome": result.outcome,
                "written_by": result.written_by,
                "shown": asdict(result.shown),
                "held_back": asdict(result.held_back),
            }
            for result in report.operations
        ]
    return manifest
