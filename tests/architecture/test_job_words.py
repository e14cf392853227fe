"""What docs/jobs.md says of jobs is what the code does: statuses, transitions, outcomes, codes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.jobs.codes import AttemptOutcome, ErrorCode, recorded_code
from common.jobs.job import FINISHED, JobStatus
from common.jobs.states import MOVES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "jobs.md").read_text(encoding="utf-8")
ROOMS = ("api", "workers", "common", "backbone")
RAISED = {"JobError", "GenerationError", "TransientError", "DeferredError"}


def table(after: str) -> list[list[set[str] | str]]:
    """The rows of the first table after a text: of each cell the words in backticks."""
    lines = TEXT[TEXT.index(after) :].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|--"))
    rows = []
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            break
        rows.append([set(re.findall(r"`(\w+)`", cell)) for cell in line.split("|")[1:-1]])
    return rows


TRANSITIONS = table("<!-- transitions:begin")


def test_every_transition_is_told_and_no_other() -> None:
    told = {
        (before, after)
        for froms, tos, *_ in TRANSITIONS
        for before in froms or {None}
        for after in tos or {None}
    }
    there_are = {(before, after) for before, afters in MOVES.items() for after in afters}
    there_are |= {(None, JobStatus.QUEUED)} | {(status, None) for status in FINISHED}
    assert told == there_are


def test_every_status_is_explained() -> None:
    explained = [word for row in table("The same as code:") for word in row[0]]
    assert sorted(explained) == sorted(JobStatus)
    drawn = set(re.findall(r"^    (\w+) --> (\w+):", TEXT, re.MULTILINE))
    assert drawn == {(before, after) for before, afters in MOVES.items() for after in afters}


def test_every_outcome_is_told_and_only_where_an_attempt_ends() -> None:
    told = set()
    for froms, _, _, _, outcomes, _ in TRANSITIONS:
        assert bool(outcomes) == (froms == {"running"})
        told |= outcomes
    assert told == set(AttemptOutcome)


def test_every_code_is_told_where_a_job_fails_and_explained() -> None:
    told = [code for row in TRANSITIONS if row[1] == {"failed"} for code in row[5]]
    waiting = [code for row in TRANSITIONS if row[1] == {"deferred"} for code in row[5]]
    assert len(told) == len(set(told))
    assert set(told) | set(waiting) == set(ErrorCode)
    for _, tos, *_, codes in TRANSITIONS:
        assert tos in ({"failed"}, {"deferred"}) if codes else tos != {"failed"}
    explained = [code for row in table("## Why a job fails") for code in row[0]]
    assert sorted(explained) == sorted(ErrorCode)


# That the enumerations themselves are complete: no code and no outcome is spelt out anywhere


def calls() -> Iterator[tuple[str, ast.Call]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "templates" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield str(path.relative_to(ROOT)), node


def first_arguments(call: ast.Call) -> list[ast.expr]:
    """The code; none where a job's error is read out of the database (`JobError(**stored)`)."""
    return [*call.args, *(each.value for each in call.keywords if each.arg == "code")][:1]


CALLS = list(calls())
RAISES = [
    (path, call.func.id, code)
    for path, call in CALLS
    if isinstance(call.func, ast.Name) and call.func.id in RAISED
    for code in first_arguments(call)
]


def test_codes_are_members() -> None:
    assert len(RAISES) > 10
    for path, error, code in RAISES:
        said = f"{path}:{code.lineno}: {ast.unparse(code)}"
        if isinstance(code, ast.Constant):
            # What only a request can meet has codes of its own; no job is run outside of workers/
            assert error == "TransientError", said
            assert not path.startswith("workers/"), said
            assert code.value not in set(ErrorCode), said
        elif ast.unparse(code) not in {"error.code", "code"}:
            assert re.fullmatch(r"ErrorCode\.[A-Z_]+", ast.unparse(code)), said
            assert ast.unparse(code).partition(".")[2] in ErrorCode.__members__, said


def test_every_code_is_raised_somewhere() -> None:
    raised = {ast.unparse(code) for _, _, code in RAISES}
    assert raised >= {f"ErrorCode.{code.name}" for code in ErrorCode}


def test_what_may_succeed_as_a_new_job_is_told_as_it_is() -> None:
    """A code that is raised both ways says on which it depends (`if …`)."""
    found: dict[str, set[bool]] = {}
    for _, call in CALLS:
        if not isinstance(call.func, ast.Name) or call.func.id not in RAISED - {"DeferredError"}:
            continue
        for code in first_arguments(call):
            if not ast.unparse(code).startswith("ErrorCode."):
                continue
            said = next((each.value for each in call.keywords if each.arg == "retryable"), None)
            ways = found.setdefault(ErrorCode[ast.unparse(code).partition(".")[2]].value, set())
            if call.func.id == "TransientError":
                ways |= {True}
            elif said is None or isinstance(said, ast.Constant):
                ways.add(said is not None and bool(said.value))
            else:
                ways |= {True, False}
    lines = TEXT[TEXT.index("## Why a job fails") :].splitlines()
    told = {line.split("`")[1]: line.split("|")[-2].strip() for line in lines if line[:3] == "| `"}
    words = {code: {"yes": {True}, "no": {False}}.get(told[code], {True, False}) for code in found}
    assert words == found
    assert all(told[code].startswith("if ") for code, ways in found.items() if len(ways) > 1)


def test_outcomes_are_members() -> None:
    text = "".join(
        path.read_text(encoding="utf-8")
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if path.name != "codes.py"
    )
    named = set(re.findall(r"AttemptOutcome\.([A-Z_]+)", text))
    # Those that are called as the status that they lead to are made of it
    assert named | {"SUCCEEDED", "FAILED", "CANCELLED"} == set(AttemptOutcome.__members__)
    assert {"SUCCEEDED", "FAILED", "CANCELLED"} == {status.name for status in FINISHED}
    ends = [
        call.args[2]
        for _, call in CALLS
        if isinstance(call.func, ast.Name) and call.func.id == "end_last_attempt"
    ]
    assert len(ends) >= 4
    for outcome in ends:
        assert re.fullmatch(r"AttemptOutcome\.[A-Z_]+|outcome", ast.unparse(outcome))


@pytest.mark.parametrize("code", [*ErrorCode, "queue_unavailable", "nonsense"])
def test_what_no_job_should_meet_is_a_bug(code: str) -> None:
    assert recorded_code(code) == (code if code in set(ErrorCode) else ErrorCode.INTERNAL_ERROR)
