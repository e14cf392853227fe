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
from workers.checkpoints import NO_CHECKPOINTS, Checkpoints
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
_LONGEST_DRAFT: Final = 20_000
_NO_ANSWER: Final = frozenset({ErrorCode.LLM_REFUSED, ErrorCode.LLM_ANSWER_TOO_LONG})
"""A model had its say, and that was no code."""
_TRIED_AT: Final = frozenset({"full", "fuzz"})
_RUN_AT: Final = _TRIED_AT | {"fast"}


@dataclass(frozen=True, slots=True)
class Implemented:
    """What fills the operations, and how that was found out."""

    bodies: Mapping[str, Implementation]
    """By name; an operation that is not there is a stub"""
    results: tuple[OperationResult, ...]


class UnfilledError(GenerationError):
    """An operation that can't be filled, and all that there is nevertheless.

    In `implemented.bodies` is also what was last tried for it.
    """

    def __init__(self, error: GenerationError, implemented: Implemented) -> None:
        super().__init__(
            error.code, error.message, stage=Stage.IMPLEMENT, retryable=error.retryable
        )
        self.implemented = implemented


@dataclass(frozen=True, slots=True)
class _Shortfall:
    """Why an operation can't be filled, and what there is of it."""

    error: GenerationError
    made: Implementation | None = None
    """What went through the gate last"""
    draft: str | None = None
    """What was written last"""
    shown: int = 0
    """How many of the examples that are shown `made` passes"""
    held_back: int = 0

    @property
    def may_be_stub(self) -> bool:
        """Whether it is for the code; what there was no money for can still be written."""
        return self.error.code in {
            ErrorCode.OPERATION_UNPROVEN,
            ErrorCode.NO_ISOLATION,
            *_NO_ANSWER,
        }


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
    rounds: int = 1,
    checkpoints: Checkpoints = NO_CHECKPOINTS,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Implemented:
    """Fill all operations, or as many as can be where `options.on_unproven` is `stub`.

    Code of the caller's own is tried where the `level` of verification has tests; what a model
    writes, always. Where this failed before, `rounds` is one more than how often: what was
    written and tried then is gone through again, out of what was kept, and only what still does
    not do is written anew. `checkpoints` keep what came of trials. Raises UnfilledError
    (`operation_unproven`, `no_isolation`, or what `Model.ask` says of its question), whatever else
    `Model.ask` raises, and what `render` and `verify` raise.
    """
    bench = Bench(plan, document, sandbox, cancelled, checkpoints)
    stage = _Stage(plan, bench, level, model, max_repairs=max_repairs, rounds=rounds)
    own = own_bodies(plan)
    on_progress(0, len(plan.operations))
    together = stage.try_together(own)
    for done, operation in enumerate(plan.operations, 1):
        if operation.name in own:
            stage.take(operation, own[operation.name], passes=together)
        else:
            stage.write(operation)
        on_progress(done, len(plan.operations))
    return stage.implemented


class _Stage:
    """One run of the stage: what is filled so far."""

    def __init__(
        self,
        plan: Plan,
        bench: Bench,
        level: str,
        model: Model | None,
        *,
        max_repairs: int,
        rounds: int,
    ) -> None:
        self._plan = plan
        self._bench = bench
        self._level = level
        self._model = model
        self._max_repairs = max_repairs
        self._rounds = rounds
        self._bodies: dict[str, Implementation] = {}
        self._results: list[OperationResult] = []

    @property
    def implemented(self) -> Implemented:
        """What there is so far."""
        return Implemented(dict(self._bodies), tuple(self._results))

    def try_together(self, own: Mapping[str, Implementation]) -> bool:
        """Whether all that the caller wrote passes all examples at once."""
        if not own or self._level not in _TRIED_AT or not self._bench.is_isolated:
            return False
        examples = {one.name: one.examples for one in self._plan.operations if one.name in own}
        return self._bench.try_on(examples, own, number=self._rounds - 1).passed

    def take(self, operation: OperationPlan, own: Implementation, *, passes: bool) -> None:
        """Fill an operation with code of the caller's own."""
        if self._level not in _RUN_AT:
            self._fill(operation, own, None, "nothing was verified")
            return
        if not self._bench.is_isolated:
            self._leave(operation, _Shortfall(_no_isolation(operation), own))
            return
        if self._level not in _TRIED_AT:
            self._fill(operation, own, None, f"no test is run at the level {self._level}")
            return
        outcome = _ALL_WELL
        if not passes:
            outcome = self._bench.try_on(
                {operation.name: operation.examples},
                {operation.name: own},
                number=self._rounds - 1,
            )
        if outcome.passed:
            self._fill(operation, own, outcome, None)
            return
        message = f"The body of {operation.name} {outcome.told}"
        self._leave(
            operation,
            _Shortfall(
                _unproven(message),
                own,
                shown=outcome.passed_of(operation.name, operation.without_held_back()),
                held_back=outcome.passed_of(operation.name, operation.held_back()),
            ),
        )

    def write(self, operation: OperationPlan) -> None:
        """Have an operation written, shown some of its examples; then try it on the others."""
        if self._model is None:
            error = GenerationError(
                ErrorCode.LLM_NOT_CONFIGURED,
                f"This worker has no language model to write {operation.name} with.",
                retryable=True,
            )
            if self._plan.options.on_unproven == "stub":
                error = _unproven("There is no model to write it.")
            self._leave(operation, _Shortfall(error))
            return
        if not self._bench.is_isolated:
            self._leave(operation, _Shortfall(_no_isolation(operation)))
            return
        shortfall: _Shortfall | None = None
        for number in range(self._rounds):
            shortfall = self._write(operation, self._model, number)
            if shortfall is None:
                return
            if not shortfall.may_be_stub:
                break
        assert shortfall is not None  # noqa: S101 - there is a round
        self._leave(operation, shortfall)

    def _write(self, operation: OperationPlan, model: Model, number: int) -> _Shortfall | None:
        """Fill an operation within one conversation; else what came of that."""
        writing = Writing(self._plan, operation, model, number=number)
        made: Implementation | None = None
        passed = 0
        told = ""
        for _ in range(1 + self._max_repairs):
            try:
                draft = writing.draft()
            except GenerationError as error:
                return _Shortfall(error, made, writing.last_code, passed)
            if draft is None:
                told = f"is refused: {writing.last_findings}"
                continue
            made = draft
            examples = operation.without_held_back()
            shown = self._bench.try_on(
                {operation.name: examples}, {operation.name: made}, number=number
            )
            if shown.passed:
                return self._judge(operation, made, number)
            passed = shown.passed_of(operation.name, examples)
            writing.tell(shown.findings)
            told = shown.told
        repairs = "1 repair" if self._max_repairs == 1 else f"{self._max_repairs} repairs"
        message = (
            f"No model wrote a {operation.name} that passes its examples, within {repairs}."
            f" The last one {told}"
        )
        return _Shortfall(_unproven(message, retryable=True), made, writing.last_code, passed)

    def _judge(
        self, operation: OperationPlan, made: Implementation, number: int
    ) -> _Shortfall | None:
        """Try what passed the examples that were shown on those that were not."""
        held_back = operation.held_back()
        outcome = _ALL_WELL
        if held_back:
            outcome = self._bench.try_on(
                {operation.name: held_back}, {operation.name: made}, number=number
            )
        if outcome.passed:
            self._fill(operation, made, outcome, None)
            return None
        passed = outcome.passed_of(operation.name, held_back)
        message = (
            f"What was written for {operation.name} passes the examples that were shown to the"
            f" model, and {passed} of {len(held_back)} that were held back."
        )
        shown = len(operation.without_held_back())
        error = _unproven(message, retryable=True)
        return _Shortfall(error, made, made.body.source, shown, passed)

    def _fill(
        self,
        operation: OperationPlan,
        made: Implementation,
        outcome: TrialOutcome | None,
        reason: str | None,
    ) -> None:
        shown, held_back = len(operation.without_held_back()), len(operation.held_back())
        tried = outcome is not None and bool(operation.examples)
        self._bodies[operation.name] = made
        self._results.append(
            OperationResult(
                name=operation.name,
                outcome="passes" if tried else "not_tried",
                shown=Tried(shown if tried else 0, shown),
                held_back=Tried(held_back if tried else 0, held_back),
                reason=reason or (None if tried else "it has no example"),
                **_author(made),
            )
        )

    def _leave(self, operation: OperationPlan, shortfall: _Shortfall) -> None:
        """Make a stub of an operation; UnfilledError where that is not wanted."""
        error = shortfall.error
        stub = self._plan.options.on_unproven == "stub" and shortfall.may_be_stub
        shown, held_back = len(operation.without_held_back()), len(operation.held_back())
        made = None if stub else shortfall.made
        draft = shortfall.draft
        self._results.append(
            OperationResult(
                name=operation.name,
                outcome="stub" if stub else "unproven",
                shown=Tried(0 if stub else shortfall.shown, shown),
                held_back=Tried(0 if stub else shortfall.held_back, held_back),
                reason=error.message.partition("\n")[0][:_LONGEST_REASON],
                draft=None if draft is None else draft[:_LONGEST_DRAFT],
                **_author(made),
            )
        )
        if stub:
            return
        if made is not None:
            self._bodies[operation.name] = made
        told = GenerationError(
            error.code, error.message[:_LONGEST_MESSAGE], retryable=error.retryable
        )
        raise UnfilledError(told, self.implemented) from error


_ALL_WELL: Final = TrialOutcome(passed=True, failed_examples=frozenset(), findings="")


def _author(made: Implementation | None) -> dict[str, Any]:
    if made is None:
        return {"written_by": None}
    return {
        "written_by": made.written_by,
        "provider": made.provider,
        "model": made.model,
        "prompt": made.prompt,
        "sha256": hashlib.sha256(made.body.source.encode()).hexdigest(),
    }


def _unproven(message: str, *, retryable: bool = False) -> GenerationError:
    return GenerationError(ErrorCode.OPERATION_UNPROVEN, message, retryable=retryable)


def _no_isolation(operation: OperationPlan) -> GenerationError:
    message = f"This machine can't isolate the code of {operation.name}, so it is not run"
    return GenerationError(
        ErrorCode.NO_ISOLATION, f"{message} (`backbone doctor` says what is missing)."
    )


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
