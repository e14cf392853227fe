"""Bodies of operations tried on examples, in the sandbox: the project and these tests alone."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
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
from workers.stages.verify import verify

_KEPT_TESTS: Final = ("tests/__init__.py", "tests/conftest.py", "tests/rows.py")
_TEST: Final = re.compile(
    r"tests/operations/test_(?P<module>\w+)\.py::test_example_(?P<number>\d+)"
)
_MOST_OUTPUT: Final = 6_000


@dataclass(frozen=True, slots=True)
class TrialOutcome:
    """What came of trying some operations on some of their examples."""

    passed: bool
    failed_examples: frozenset[tuple[str, int]]
    """Operation and number of each example that is known to have failed"""
    findings: str
    """What the tools said, bounded; empty where all is well"""

    def passed_of(self, name: str, examples: Collection[ExamplePlan]) -> int:
        """How many of an operation's examples passed; none where something else went wrong."""
        failed = sum((name, example.number) in self.failed_examples for example in examples)
        if not self.passed and not self.failed_examples:
            return 0
        return len(examples) - failed


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
        return _outcome(report, {one.module: one.name for one in operations})

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
    }
    return json.dumps(members).encode()


def _read_outcome(written: bytes) -> TrialOutcome:
    try:
        members = json.loads(written)
        failed = frozenset((str(name), int(number)) for name, number in members["failed_examples"])
        return TrialOutcome(bool(members["passed"]), failed, str(members["findings"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a trial: {error!r}") from error


def _named(examples: Collection[str], operations: Collection[OperationPlan]) -> list[OperationPlan]:
    return [one for one in operations if one.name in examples]


def _outcome(report: Report, names: Mapping[str, str]) -> TrialOutcome:
    failed = [check for check in report.checks if check.outcome is Outcome.FAILED]
    found = set()
    others = False
    for check in failed:
        for detail in check.details:
            match = _TEST.match(detail)
            if check.name == "tests" and match and match["module"] in names:
                found.add((names[match["module"]], int(match["number"])))
            else:
                others = True
        others = others or not check.details
    return TrialOutcome(
        passed=report.passed,
        failed_examples=frozenset() if others else frozenset(found),
        findings="\n\n".join(_said(check) for check in failed)[:_MOST_OUTPUT],
    )


def _said(check: CheckResult) -> str:
    lines = [f"{check.name}: {check.reason}", *([] if check.output else check.details)]
    return "\n".join([*lines, check.output]).strip()
