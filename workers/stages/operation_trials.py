"""Bodies of operations tried on examples, in the sandbox: the project and these tests alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from common.document.models import ProjectDocument
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
    seconds: float = 60
    """The longest that the tests of a trial may take"""

    @property
    def is_isolated(self) -> bool:
        """Whether code that nobody has read may be run here."""
        layers = set(self.sandbox.layers)
        return "bubblewrap" in layers or {"namespaces", "landlock"} <= layers

    def try_on(
        self,
        examples: Mapping[str, tuple[ExamplePlan, ...]],
        bodies: Mapping[str, Implementation],
    ) -> TrialOutcome:
        """Try operations on these examples, and see that their code is sound.

        Nothing else of the document's examples is in the project that is tried. Raises what
        `verify` raises.
        """
        operations = tuple(
            replace(one, examples=examples.get(one.name, ())) for one in self.plan.operations
        )
        files = render(replace(self.plan, operations=operations), bodies)
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
