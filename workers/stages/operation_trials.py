"""Bodies of operations tried on examples, in the sandbox: the project and these tests alone."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from common.document.models import ProjectDocument
from common.jobs.job import Stage
from workers.checkpoints import NO_CHECKPOINTS, Checkpoints
from workers.plan import Plan
from workers.plan.operations import ExamplePlan, Implementation, OperationPlan
from workers.report import CheckResult, Outcome, Report
from workers.sandbox.sandbox import Sandbox
from workers.stages.render import render
from workers.stages.trial_words import EXAMPLE_TEST, bounded, told_to_callers
from workers.stages.verify import verify

_KEPT_TESTS: Final = ("tests/__init__.py", "tests/conftest.py", "tests/rows.py")
_MOST_OUTPUT: Final = 6_000


@dataclass(frozen=True, slots=True)
class TrialOutcome:
    """What came of trying some operations on some of their examples."""

    passed: bool
    failed_examples: frozenset[tuple[str, int]]
    """Operation and number of each example that is known to have failed"""
    findings: str
    """What the tools said, bounded; empty where all is well"""
    told: str = ""
    """The same for who wrote the document, behind "the body …"; its first line says it all"""
    examples_ran: bool = True
    """Whether it is known of each example how it went"""

    def passed_of(self, name: str, examples: Collection[ExamplePlan]) -> int:
        """How many of an operation's examples passed; none where they did not all run."""
        failed = sum((name, example.number) in self.failed_examples for example in examples)
        return len(examples) - failed if self.examples_ran else 0


@dataclass(frozen=True, slots=True)
class Bench:
    """Where bodies are tried."""

    plan: Plan
    document: ProjectDocument
    sandbox: Sandbox
    cancelled: Callable[[], bool]
    checkpoints: Checkpoints = NO_CHECKPOINTS
    seconds: float = 60
    """The longest that the tests of a trial may take"""
    _known: dict[str, TrialOutcome] = field(default_factory=dict)
    """Of this run: nobody looks for what the first attempt at a job has kept itself"""

    @property
    def is_isolated(self) -> bool:
        """Whether code that nobody has read may be run here."""
        layers = set(self.sandbox.layers)
        return "bubblewrap" in layers or {"namespaces", "landlock"} <= layers

    def try_on(
        self,
        examples: Mapping[str, tuple[ExamplePlan, ...]],
        bodies: Mapping[str, Implementation],
        *,
        number: int = 0,
    ) -> TrialOutcome:
        """Try operations on these examples, and see that their code is sound.

        Nothing else of the document's examples is in the project that is tried. What came of it is
        kept before anybody hears of it, and is the same for who tries the same again, for the
        `number`-th time from the start: what tools say differs from run to run, and with it would
        the next question to a model. Raises what `render` and `verify` raise.
        """
        name = self._name(examples, bodies, number)
        outcome = self._known.get(name) or self._find(name)
        if outcome is None:
            outcome = self._try(examples, bodies)
            self.checkpoints.keep(Stage.IMPLEMENT, name, _write_outcome(outcome))
        self._known[name] = outcome
        return outcome

    def _find(self, name: str) -> TrialOutcome | None:
        kept = self.checkpoints.find(Stage.IMPLEMENT, name)
        with contextlib.suppress(ValueError):  # it is tried again
            return None if kept is None else _read_outcome(kept)
        return None

    def _try(
        self,
        examples: Mapping[str, tuple[ExamplePlan, ...]],
        bodies: Mapping[str, Implementation],
    ) -> TrialOutcome:
        operations = tuple(
            replace(one, examples=examples.get(one.name, ())) for one in self.plan.operations
        )
        files = render(replace(self.plan, operations=operations), bodies, cancelled=self.cancelled)
        tests = {f"tests/operations/test_{one.module}.py" for one in _named(examples, operations)}
        kept = {*_KEPT_TESTS, "tests/operations/__init__.py", *tests}
        report = verify(
            {
                path: text
                for path, text in files.items()
                if not path.startswith("tests/") or path in kept
            },
            self.document,
            level="examples",
            sandbox=self.sandbox,
            test_seconds=self.seconds,
            cancelled=self.cancelled,
        )
        return _outcome(report, _named(examples, operations))

    def _name(
        self,
        examples: Mapping[str, tuple[ExamplePlan, ...]],
        bodies: Mapping[str, Implementation],
        number: int,
    ) -> str:
        """What a trial is kept under.

        Our own code is no part of it: what a model was told stays what it was told, and the project
        as a whole is verified whatever was found here.
        """
        tried = {
            "document": self.document.model_dump(mode="json", exclude={"run"}),
            "examples": {name: [one.number for one in each] for name, each in examples.items()},
            "bodies": {name: [*one.body.imports, one.body.source] for name, one in bodies.items()},
            "number": number,
        }
        return hashlib.sha256(json.dumps(tried, sort_keys=True).encode()).hexdigest()


def _write_outcome(outcome: TrialOutcome) -> bytes:
    members = {
        "passed": outcome.passed,
        "failed_examples": sorted(outcome.failed_examples),
        "findings": outcome.findings,
        "told": outcome.told,
        "examples_ran": outcome.examples_ran,
    }
    return json.dumps(members).encode()


def _read_outcome(written: bytes) -> TrialOutcome:
    try:
        members = json.loads(written)
        failed = frozenset((str(name), int(number)) for name, number in members["failed_examples"])
        findings, told = str(members["findings"]), str(members["told"])
        ran = bool(members["examples_ran"])
        return TrialOutcome(bool(members["passed"]), failed, findings, told, ran)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a trial: {error!r}") from error


def _named(examples: Collection[str], operations: Collection[OperationPlan]) -> list[OperationPlan]:
    return [one for one in operations if one.name in examples]


def _outcome(report: Report, tried: Collection[OperationPlan]) -> TrialOutcome:
    if report.passed:
        return TrialOutcome(passed=True, failed_examples=frozenset(), findings="")
    failed = [check for check in report.checks if check.outcome is Outcome.FAILED]
    modules = {one.module: one for one in tried}
    [tests] = [check for check in report.checks if check.name == "tests"]
    matches = [EXAMPLE_TEST.fullmatch(detail) for detail in tests.details]
    found = frozenset(
        (modules[match["module"]].name, int(match["number"]))
        for match in matches
        if match and match["module"] in modules
    )
    ran = tests.outcome is Outcome.PASSED or 0 < len(found) == len(matches)
    count = sum(len(one.examples) for one in tried)
    reasons = {"tests": f"{len(found)} of {count} examples fail"} if found and ran else {}
    said = (_said(check, reasons.get(check.name, check.reason)) for check in failed)
    return TrialOutcome(
        passed=False,
        failed_examples=found if ran else frozenset(),
        findings=bounded("\n\n".join(said), _MOST_OUTPUT),
        told=told_to_callers(report, modules, ran=ran),
        examples_ran=ran,
    )


def _said(check: CheckResult, reason: str | None) -> str:
    lines = [f"{check.name}: {reason}", *([] if check.output else check.details)]
    return "\n".join([*lines, check.output]).strip()
