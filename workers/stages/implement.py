"""The stage that fills operations: with code of the caller's own, or with what a model writes.

Either goes through the same gate (`common.document.gate`) and is tried on the examples. A model is
shown some of them and hears what went wrong with these; the others tell whether it understood.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from common.document.gate import BodyError, check_body
from common.document.models import ProjectDocument
from common.errors import GenerationError
from common.jobs.codes import ErrorCode
from common.jobs.job import Stage
from workers.llm.model import Model
from workers.plan import Plan
from workers.plan.operations import Implementation, OperationPlan
from workers.report import OperationResult, Tried, read_result
from workers.sandbox.sandbox import Sandbox
from workers.stages.operation_trials import Bench, TrialOutcome
from workers.stages.writing import Writing

THE_CALLER: Final = "the caller"
MAX_REPAIRS: Final = 3
_LONGEST_REASON: Final = 300
_LONGEST_MESSAGE: Final = 4_000
_TRIED_AT: Final = frozenset({"full", "fuzz"})
_RUN_AT: Final = _TRIED_AT | {"fast"}


@dataclass(frozen=True, slots=True)
class Implemented:
    """What fills the operations, and how that was found out."""

    bodies: Mapping[str, Implementation]
    """By name; an operation that is not there is a stub"""
    results: tuple[OperationResult, ...]


def own_bodies(plan: Plan) -> dict[str, Implementation]:
    """What the caller wrote, by the names of operations; the document's checks let it through."""
    return {
        one.name: Implementation(check_body(one.body, one.signature, one.words), THE_CALLER)
        for one in plan.operations
        if one.body is not None
    }


def implement(
    plan: Plan,
    document: ProjectDocument,
    *,
    level: str,
    model: Model | None,
    sandbox: Sandbox,
    max_repairs: int = MAX_REPAIRS,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Implemented:
    """Fill all operations, or as many as can be where `options.on_unproven` is `stub`.

    Code of the caller's own is tried where the `level` of verification has tests; what a model
    writes, always. Raises GenerationError (`operation_unproven`, `no_isolation`), what
    `Model.ask` raises, and what `verify` raises.
    """
    bench = Bench(plan, document, sandbox, cancelled)
    stage = _Stage(plan, bench, level, model, max_repairs)
    own = own_bodies(plan)
    on_progress(0, len(plan.operations))
    together = stage.try_together(own)
    for done, operation in enumerate(plan.operations, 1):
        if operation.name in own:
            stage.take(operation, own[operation.name], passes=together)
        else:
            stage.write(operation)
        on_progress(done, len(plan.operations))
    return Implemented(stage.bodies, tuple(stage.results))


class _Stage:
    """One run of the stage: what is filled so far."""

    def __init__(
        self, plan: Plan, bench: Bench, level: str, model: Model | None, max_repairs: int
    ) -> None:
        self._plan = plan
        self._bench = bench
        self._level = level
        self._model = model
        self._max_repairs = max_repairs
        self.bodies: dict[str, Implementation] = {}
        self.results: list[OperationResult] = []

    def try_together(self, own: Mapping[str, Implementation]) -> bool:
        """Whether all that the caller wrote passes all examples at once."""
        if not own or self._level not in _TRIED_AT or not self._bench.is_isolated:
            return False
        examples = {one.name: one.examples for one in self._plan.operations if one.name in own}
        return self._bench.try_on(examples, own).passed

    def take(self, operation: OperationPlan, own: Implementation, *, passes: bool) -> None:
        """Fill an operation with code of the caller's own."""
        if self._level not in _RUN_AT:
            self._fill(operation, own, None, "nothing was verified")
            return
        if not self._bench.is_isolated:
            self._leave(operation, *_no_isolation(operation))
            return
        if self._level not in _TRIED_AT:
            self._fill(operation, own, None, f"no test is run at the level {self._level}")
            return
        outcome = _ALL_WELL
        if not passes:
            outcome = self._bench.try_on(
                {operation.name: operation.examples}, {operation.name: own}
            )
        if outcome.passed:
            self._fill(operation, own, outcome, None)
            return
        message = f"The body of {operation.name} does not pass its examples.\n{outcome.findings}"
        self._leave(operation, ErrorCode.OPERATION_UNPROVEN, message)

    def write(self, operation: OperationPlan) -> None:
        """Have an operation written, shown some of its examples; then try it on the others."""
        if self._model is None:
            if self._plan.options.on_unproven == "fail":
                raise GenerationError(
                    ErrorCode.LLM_NOT_CONFIGURED,
                    f"This worker has no language model to write {operation.name} with.",
                    stage=Stage.IMPLEMENT,
                    retryable=True,
                )
            self._leave(operation, ErrorCode.OPERATION_UNPROVEN, "There is no model to write it.")
            return
        if not self._bench.is_isolated:
            self._leave(operation, *_no_isolation(operation))
            return
        writing = Writing(self._plan, operation, self._model)
        for _ in range(1 + self._max_repairs):
            made = writing.draft()
            if made is None:
                continue
            tried = {operation.name: made}
            shown = self._bench.try_on({operation.name: operation.without_held_back()}, tried)
            if shown.passed:
                self._judge(operation, made)
                return
            writing.tell(shown.findings)
        message = (
            f"No model wrote a {operation.name} that passes its examples, within"
            f" {self._max_repairs} repairs.\n{writing.last_findings}"
        )
        self._leave(operation, ErrorCode.OPERATION_UNPROVEN, message)

    def _judge(self, operation: OperationPlan, made: Implementation) -> None:
        """Try what passed the examples that were shown on those that were not."""
        held_back = tuple(example for example in operation.examples if example.held_back)
        outcome = _ALL_WELL
        if held_back:
            outcome = self._bench.try_on({operation.name: held_back}, {operation.name: made})
        if outcome.passed:
            self._fill(operation, made, outcome, None)
            return
        passed = outcome.passed_of(operation.name, held_back)
        message = (
            f"What was written for {operation.name} passes the examples that were shown to the"
            f" model, and {passed} of {len(held_back)} that were held back."
        )
        self._leave(operation, ErrorCode.OPERATION_UNPROVEN, message)

    def _fill(
        self,
        operation: OperationPlan,
        made: Implementation,
        outcome: TrialOutcome | None,
        reason: str | None,
    ) -> None:
        held_back = tuple(example for example in operation.examples if example.held_back)
        shown = operation.without_held_back()
        tried = outcome is not None and bool(operation.examples)
        self.bodies[operation.name] = made
        self.results.append(
            OperationResult(
                name=operation.name,
                outcome="passes" if tried else "not_tried",
                written_by=made.written_by,
                shown=Tried(len(shown) if tried else 0, len(shown)),
                held_back=Tried(len(held_back) if tried else 0, len(held_back)),
                reason=reason or (None if tried else "it has no example"),
                provider=made.provider,
                model=made.model,
                prompt=made.prompt,
                sha256=hashlib.sha256(made.body.source.encode()).hexdigest(),
            )
        )

    def _leave(self, operation: OperationPlan, code: ErrorCode, message: str) -> None:
        """Make a stub of an operation; GenerationError where that is not wanted."""
        if self._plan.options.on_unproven == "fail":
            message = message[:_LONGEST_MESSAGE]
            if code is ErrorCode.NO_ISOLATION:
                raise GenerationError(ErrorCode.NO_ISOLATION, message, stage=Stage.IMPLEMENT)
            raise GenerationError(ErrorCode.OPERATION_UNPROVEN, message, stage=Stage.IMPLEMENT)
        shown = len(operation.without_held_back())
        self.results.append(
            OperationResult(
                name=operation.name,
                outcome="stub",
                written_by=None,
                shown=Tried(0, shown),
                held_back=Tried(0, len(operation.examples) - shown),
                reason=message.partition("\n")[0][:_LONGEST_REASON],
            )
        )


_ALL_WELL: Final = TrialOutcome(passed=True, failed_examples=frozenset(), findings="")


def _no_isolation(operation: OperationPlan) -> tuple[ErrorCode, str]:
    message = f"This machine can't isolate the code of {operation.name}, so it is not run"
    return ErrorCode.NO_ISOLATION, f"{message} (`backbone doctor` says what is missing)."


def write_implemented(implemented: Implemented) -> bytes:
    """What the stage made, as JSON."""
    members = {
        "bodies": {
            name: {**asdict(made), "body": made.body.source, "imports": [*made.body.imports]}
            for name, made in implemented.bodies.items()
        },
        "results": [asdict(result) for result in implemented.results],
    }
    return json.dumps(members, ensure_ascii=False).encode()


def read_implemented(written: bytes, plan: Plan) -> Implemented:
    """What `write_implemented` wrote, through the gate once more; ValueError if it is not that."""
    operations = {operation.name: operation for operation in plan.operations}
    try:
        members: dict[str, Any] = json.loads(written)
        bodies = {
            name: _read_body(members["bodies"][name], operations[name])
            for name in members["bodies"]
        }
        return Implemented(bodies, tuple(read_result(each) for each in members["results"]))
    except (KeyError, TypeError, BodyError) as error:
        raise ValueError(f"not what the stage made: {error!r}") from error


def _read_body(members: dict[str, Any], operation: OperationPlan) -> Implementation:
    code = "\n".join([*members.pop("imports"), members.pop("body")])
    body = check_body(code, operation.signature, operation.words)
    return Implementation(body=body, **members)
