"""What a trial found, told to who wrote the document: by its examples, without files of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from workers.plan.operations import OperationPlan
from workers.report import CheckResult, Outcome, Report

EXAMPLE_TEST: Final = re.compile(
    r"tests/operations/test_(?P<module>\w+)\.py::test_example_(?P<number>\d+)"
)
_OTHER_TEST: Final = re.compile(r"tests/\S+\.py(?:::\w+)?")
_OF_TESTS: Final = re.compile(r"tests/\S+:\d+: ")
_OF_APP: Final = re.compile(r"app/\S+:\d+: ")
_COMPARED: Final = re.compile(r"(?:AssertionError: )?assert (.+) == (.+)")
_SAID: Final = re.compile(r"  (?!app/\S+:\d+: )\S")
_MOST_TOLD: Final = 3_500
_LONGEST_COMPARED: Final = 400


def told_to_callers(report: Report, modules: Mapping[str, OperationPlan], *, ran: bool) -> str:
    """What went wrong, as it continues "the body": in one line, then all that is known of it.

    `modules` are the operations that were tried, by their modules; `ran`, whether it is known of
    each example how it went.
    """
    failed = [check for check in report.checks if check.outcome is Outcome.FAILED]
    [tests] = [check for check in report.checks if check.name == "tests"]
    others = [check for check in failed if check is not tests]
    count = sum(len(one.examples) for one in modules.values())
    lines = [*_examples(tests, modules)]
    found = "; ".join(f"{check.name} finds {_first(check)}" for check in others)
    if tests.outcome is Outcome.PASSED:
        head = f"passes its examples, but {found}" if count else f"does not pass: {found}"
    elif ran:
        head = f"does not pass {len(tests.details)} of {count} examples: {_first_of(lines)}"
    elif tests.outcome is Outcome.SKIPPED:
        head = f"does not pass: {found}; its examples were not tried"
    else:
        head = f"could not be tried on its examples: {_first_of(lines) or tests.reason}"
    more = [
        f"{check.name}: {line}" for check in others for line in check.details or [_first(check)]
    ]
    return bounded("\n".join([head, *lines, *more]), _MOST_TOLD)


def bounded(text: str, most: int) -> str:
    """Without its middle where it is longer: a failure is told at the end."""
    half = most // 2 - 1
    return text if len(text) <= most else f"{text[:half]}…\n{text[-half:]}"


def _first(check: CheckResult) -> str:
    return next(iter([*check.details, *check.output.splitlines()]), None) or str(check.reason)


def _first_of(lines: list[str]) -> str:
    """The first example, and what came of it: what was compared, if anything was."""
    if not lines or lines[0].startswith(" "):
        return ""
    said: list[str] = []
    for line in lines[1:]:
        if not line.startswith(" "):
            break
        if _SAID.match(line):
            said.append(line.strip())
    said.sort(key=lambda line: not line.startswith("expected "))
    return " ".join([*lines[:1], *said[:1]])


def _examples(tests: CheckResult, modules: Mapping[str, OperationPlan]) -> Iterator[str]:
    """Each example that failed, by its place, the code that led there, and what it came to."""
    if tests.outcome is not Outcome.FAILED:
        return
    own = False
    for line in tests.output.splitlines():
        match = EXAMPLE_TEST.fullmatch(line)
        if match and match["module"] in modules:
            pointer = modules[match["module"]].pointer
            yield f"{pointer}/examples/{int(match['number']) - 1}:"
        elif _OTHER_TEST.fullmatch(line):
            own = False
            yield f"{line}:"
        elif _OF_TESTS.match(line):
            own = False
        elif _OF_APP.match(line):
            own = True
            yield f"  {line}"
        elif line.startswith("E "):
            yield f"  {_compared(line[1:].strip())}"
        elif own and line.strip():
            yield f"  {line}"


def _compared(said: str) -> str:
    """What a comparison of a test came to: on the left is what was got."""
    match = _COMPARED.fullmatch(said)
    if match is None or said.count(" == ") != 1 or len(said) > _LONGEST_COMPARED:
        return said
    return f"expected {match[2]}, got {match[1]}"
