"""Every regular expression of ours, and strings that would make a bad one take for ever.

`python -m tests.security.patterns` attacks all of them and prints those that are slower than
linear, one a line; it is a process of its own because nothing else could be stopped.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from re import _constants as codes
from re import _parser as parser
from typing import Any

ROOT = Path(__file__).parents[2]
ROOMS = ("api", "common", "workers", "backbone")
PASSED_OVER = (
    "workers/templates/",  # what is generated
    "workers/importing/",  # reads the files of whoever runs the command, and of nobody else
)
METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
LENGTHS = (800, 6400, 51_200)
_NOTICEABLE_SECONDS = 0.05
_LINEAR = 24.0
"""Eight times as much takes eight times as long; what is quadratic takes 64 times as long."""


@dataclass(frozen=True)
class Found:
    """A regular expression, where it stands and how it is used."""

    place: str
    pattern: re.Pattern[Any]
    methods: tuple[str, ...]


def find_patterns() -> Iterator[Found]:
    """All that stand in our modules; ValueError for one that can't be told without running it."""
    trees = {
        str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
    }
    used = _methods_by_name(trees.values())
    for name, tree in trees.items():
        if not name.startswith(PASSED_OVER):
            yield from _in_module(tree, name, used)


def _in_module(tree: ast.Module, name: str, used: Mapping[str, set[str]]) -> Iterator[Found]:
    named = {
        node.value: _last_name(target)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    }
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re"):
            continue
        method = node.func.attr
        if method != "compile" and method not in METHODS:
            continue
        place = f"{name}:{node.lineno}"
        methods = (method,)
        if method == "compile":
            methods = tuple(sorted(used.get(named.get(node, ""), METHODS[:3])))
        for pattern in _evaluated(node, name, place):
            yield Found(place, pattern, methods)


def _methods_by_name(trees: Iterable[ast.Module]) -> dict[str, set[str]]:
    """By the name of a compiled expression, the methods that are called of it anywhere."""
    used: dict[str, set[str]] = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Attribute) and node.attr in METHODS:
            used.setdefault(_last_name(node.value), set()).add(node.attr)
    used.pop("", None)
    return used


def _last_name(node: ast.AST) -> str:
    """`x` of `x` and of `self.x`."""
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _evaluated(call: ast.Call, name: str, place: str) -> list[re.Pattern[Any]]:
    """The expressions that a call makes, or is given."""
    expression = ast.Call(
        func=ast.parse("re.compile", mode="eval").body,
        args=[call.args[0], *(call.args[1:2] if call.func.attr == "compile" else [])],  # type: ignore[attr-defined]
        keywords=[each for each in call.keywords if each.arg == "flags"],
    )
    code = compile(ast.fix_missing_locations(ast.Expression(expression)), place, "eval")
    try:
        return [eval(code, {"re": re})]  # noqa: S307 - it is our own code
    except NameError:  # it is put together
        module = importlib.import_module(name.removesuffix(".py").replace("/", "."))
    try:
        return [eval(code, dict(vars(module)))]  # noqa: S307
    except NameError:  # of a loop or a function: what was made of it is in the module, or here
        made = _inside(vars(module).values()) or MADE.get(name, list)()
        if not made:
            raise ValueError(f"{place}: what pattern this makes can't be told") from None
        return made


def _inside(values: Iterable[object]) -> list[re.Pattern[Any]]:
    found: list[re.Pattern[Any]] = []
    for value in values:
        if isinstance(value, re.Pattern):
            found.append(value)
        elif isinstance(value, tuple | list):
            found += _inside(value)
        elif isinstance(value, dict):
            found += _inside(value.values()) if value.__class__ is dict else []
    return found


def _of_line_splitter() -> list[re.Pattern[Any]]:
    from api.batch_lines import LineSplitter  # noqa: PLC0415 - only here

    return [LineSplitter(10_000)._blank_lines]


MADE: dict[str, Callable[[], list[re.Pattern[Any]]]] = {"api/batch_lines.py": _of_line_splitter}


# Strings that may be evil


def evil_strings(pattern: re.Pattern[Any]) -> list[tuple[str, str, str]]:
    """(beginning, what is repeated, end) that follow the pattern for long, and then fail."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    pumps = dict.fromkeys(_pumps(tree))
    beginnings = dict.fromkeys(["", *(before for before, _ in pumps)])
    signs = dict.fromkeys(sign for _, pump in pumps for sign in pump)
    repeated = dict.fromkeys([*(pump for _, pump in pumps), *signs])
    repeated |= dict.fromkeys(a + b for a in list(signs)[:4] for b in list(signs)[:4] if a != b)
    wholes = dict.fromkeys(before + pump for before, pump in pumps)
    attacks = [(before, pump, end) for before, pump in pumps for end in ("", "\n\0")]
    attacks += [("", pump, end) for pump in [*repeated, *wholes] for end in ("", "\0")]
    attacks += [(before, pump, "\0") for before in list(beginnings)[:4] for pump in list(signs)[:4]]
    return list(dict.fromkeys(attack for attack in attacks if attack[1]))


def _is_bytes(pattern: re.Pattern[Any]) -> bool:
    return isinstance(pattern.pattern, bytes)


def _pumps(tree: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """For everything in the tree that repeats: a text that leads there, and one to repeat."""
    for operation, argument in tree:
        if operation in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
            _, most, inner = argument
            if most > 1:
                for sample in _samples(inner):
                    yield before, sample
            yield from _pumps(inner, before)
        elif operation is codes.SUBPATTERN:
            yield from _pumps(argument[3], before)
        elif operation is codes.ATOMIC_GROUP:
            yield from _pumps(argument, before)
        elif operation is codes.BRANCH:
            for branch in argument[1]:
                yield from _pumps(branch, before)
        elif operation in {codes.ASSERT, codes.ASSERT_NOT}:
            yield from _pumps(argument[1], before)
        before += next(iter(_samples([(operation, argument)])), "")


def _samples(tree: Any) -> list[str]:
    """A few texts that a part of a pattern takes."""
    texts = [""]
    for operation, argument in tree:
        texts = [text + more for text in texts for more in _of_one(operation, argument)][:6]
    return texts


def _of_one(operation: Any, argument: Any) -> list[str]:  # noqa: PLR0911 - one for each kind
    if operation is codes.LITERAL:
        return [chr(argument)]
    if operation is codes.NOT_LITERAL:
        return ["b" if argument == ord("a") else "a"]
    if operation is codes.ANY:
        return ["a", " "]
    if operation is codes.IN:
        return _of_class(argument)
    if operation in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
        least, _, inner = argument
        return [sample * max(1, least) for sample in _samples(inner)]
    if operation is codes.SUBPATTERN:
        return _samples(argument[3])
    if operation is codes.ATOMIC_GROUP:
        return _samples(argument)
    if operation is codes.BRANCH:
        return [sample for branch in argument[1] for sample in _samples(branch)[:2]]
    return [""]  # places, and groups once more


_OF_CATEGORY = {
    codes.CATEGORY_DIGIT: "1",
    codes.CATEGORY_NOT_DIGIT: "a",
    codes.CATEGORY_SPACE: " \n",
    codes.CATEGORY_NOT_SPACE: "a",
    codes.CATEGORY_WORD: "a_1",
    codes.CATEGORY_NOT_WORD: " -",
}


def _of_class(members: Any) -> list[str]:
    signs: list[str] = []
    if members[0][0] is codes.NEGATE:
        taken = {chr(value) for kind, value in members[1:] if kind is codes.LITERAL}
        return [sign for sign in "a 1\n-" if sign not in taken][:3] or ["\x7f"]
    for kind, value in members:
        if kind is codes.LITERAL:
            signs.append(chr(value))
        elif kind is codes.RANGE:
            signs.append(chr(value[0]))
        elif kind is codes.CATEGORY:
            signs += _OF_CATEGORY[value]
    return signs[:5]


# The attack


def slowest(found: Found) -> str | None:
    """The attack under which it is slower than linear, if there is one."""
    for before, pump, end in evil_strings(found.pattern):
        for method in dict.fromkeys(found.methods):
            if _grows_too_fast(found.pattern, method, before, pump, end):
                return f"{found.place}: {method} {before[:40]!r} + {pump!r} * n + {end!r}"
    return None


def _grows_too_fast(
    pattern: re.Pattern[Any], method: str, before: str, pump: str, end: str
) -> bool:
    last = 0.0
    for length in LENGTHS:
        text: Any = before + pump * (length // len(pump)) + end
        text = text.encode("utf-8", "replace") if _is_bytes(pattern) else text
        seconds = _seconds(pattern, method, text)
        if seconds > _NOTICEABLE_SECONDS and seconds > _LINEAR * last:
            # Once more, as somebody else may have had the machine
            seconds = min(seconds, _seconds(pattern, method, text))
            if seconds > _LINEAR * last:
                return True
        last = seconds
    return False


def _seconds(pattern: re.Pattern[Any], method: str, text: Any) -> float:
    began_at = time.process_time()
    if method in {"sub", "subn"}:
        pattern.sub(text[:0], text)
    elif method in {"findall", "finditer", "split"}:
        for _ in pattern.finditer(text):
            pass
    else:
        getattr(pattern, method)(text)
    return time.process_time() - began_at


def main() -> None:
    """Attack all of them."""
    attacked: set[tuple[object, tuple[str, ...]]] = set()
    for found in find_patterns():
        key = (found.pattern, found.methods)
        if key not in attacked:
            attacked.add(key)
            if slow := slowest(found):
                print(slow, flush=True)  # noqa: T201 - it is what it is for
    print(f"{len(attacked)} attacked", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
