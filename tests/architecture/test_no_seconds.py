"""No test asserts that something takes few seconds: on a busy machine, everything takes longer.

Found is what is written as a comparison of clocks or of what is called `seconds`, and a deadline.

What is at once shows otherwise: by what was asked for meanwhile, by what would have taken minutes,
or beside something else in the same run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FEW = 10
CLOCKS = {"monotonic", "perf_counter", "process_time", "time"}
MEASURED = {"seconds", "elapsed", "took"}
ALLOWED = {
    "chaos/harms.py: clock.monotonic() + _WAIT_SECONDS": "nothing fails where there is nothing",
}
BELOW, ABOVE = (ast.Lt, ast.LtE), (ast.Gt, ast.GtE)


def reads_a_clock(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[]):
            return name in CLOCKS
    return False


def is_measured(node: ast.expr) -> bool:
    """Whether it is the difference of two readings of a clock, or is called like one."""
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in MEASURED:
                return True
            case ast.BinOp(op=ast.Sub(), left=left) if any(map(reads_a_clock, ast.walk(left))):
                return True
    return False


def numbers_of(module: ast.Module) -> dict[str, float]:
    """The numbers that have a name."""
    return {
        target.id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, int | float)
    }


def is_few(node: ast.expr, numbers: dict[str, float]) -> bool:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number < FEW
        case ast.Name(id=name):
            return numbers.get(name, FEW) < FEW
    return False


def is_long(node: ast.AST) -> bool:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return any("mark.long" in ast.unparse(each) for each in node.decorator_list)
        case ast.Module(body=body):
            marks = [each for each in body if isinstance(each, ast.Assign)]
            return any("pytestmark = pytest.mark.long" in ast.unparse(each) for each in marks)
    return False


def short_parts(node: ast.AST) -> Iterator[ast.AST]:
    """What belongs to tests that are not long."""
    if not is_long(node):
        yield node
        for child in ast.iter_child_nodes(node):
            yield from short_parts(child)


def hurries(source: str) -> list[str]:
    """Where a test fails for a few seconds, as it is written."""
    module = ast.parse(source)
    numbers, found = numbers_of(module), []
    for node in short_parts(module):
        match node:
            case ast.Assert(test=test):
                compared = [part for part in ast.walk(test) if isinstance(part, ast.Compare)]
                found += [ast.unparse(node)] if any(bounds(it, numbers) for it in compared) else []
            case ast.BinOp(op=ast.Add(), left=left, right=right) if reads_a_clock(left):
                found += [ast.unparse(node)] if is_few(right, numbers) else []
    return found


def bounds(compared: ast.Compare, numbers: dict[str, float]) -> bool:
    """Whether something measured has to be less than a few seconds."""
    terms = [compared.left, *compared.comparators]
    for less, operator, more in zip(terms, compared.ops, terms[1:], strict=False):
        if isinstance(operator, ABOVE):
            less, more = more, less  # noqa: PLW2901 - the other way round
        if isinstance(operator, BELOW + ABOVE) and is_measured(less) and is_few(more, numbers):
            return True
    return False


def test_no_test_is_in_a_hurry() -> None:
    found = {
        f"{path.relative_to(TESTS)}: {hurry}"
        for path in sorted(TESTS.rglob("*.py"))
        if "golden" not in path.parts and path != Path(__file__)
        for hurry in hurries(path.read_text(encoding="utf-8"))
    }
    assert found - set(ALLOWED) == set()
    assert set(ALLOWED) - found == set(), "exceptions that are none any more"


@pytest.mark.parametrize(
    "planted",
    [
        "assert time.monotonic() - started < 0.5",
        "SOON = 0.5\ndef test_it():\n    assert clock.monotonic() - started < SOON",
        "answer, seconds = timed()\nassert 1 <= seconds < 3",
        "assert 2 >= ended.seconds",
        "assert (process_time() - began) / 20 < 0.05",
        "deadline = time.monotonic() + 5",
    ],
)
def test_a_planted_hurry_is_found(planted: str) -> None:
    assert hurries(planted)


@pytest.mark.parametrize(
    "innocent",
    [
        "assert time.monotonic() - started >= 1",
        "assert 1 <= seconds",
        "assert time.monotonic() - started < 60",
        "assert full < 50 * alone",
        "assert time.monotonic() < deadline",
        "assert looks <= (time.monotonic() - started) / 0.1 + 2",
        "@pytest.mark.long\ndef test_it():\n    assert seconds < 2",
        "pytestmark = pytest.mark.long\ndef test_it():\n    assert seconds < 2",
    ],
)
def test_patience_is_left_alone(innocent: str) -> None:
    assert hurries(innocent) == []
