"""How faults get into files: by pattern, or by what the code means."""

from __future__ import annotations

import ast
import fnmatch
import re
from collections.abc import Callable, Iterator

from tests.faults.fault import Edit, Files

AWAIT = r"(await )?"
"""Projects with synchronous sessions do without."""


def swap(glob: str, pattern: str, replacement: str) -> Callable[[Files], Edit | None]:
    """A seed that replaces the first match of `pattern` in the first file that has one."""
    shape = re.compile(pattern, re.MULTILINE)

    def seed(files: Files) -> Edit | None:
        for path in matching(files, glob):
            found = shape.search(files[path])
            if found is not None:
                text = files[path]
                changed = text[: found.start()] + found.expand(replacement) + text[found.end() :]
                return Edit({path: changed}, path)
        return None

    return seed


def matching(files: Files, glob: str) -> list[str]:
    """The paths that `glob` names, in order."""
    return sorted(path for path in files if fnmatch.fnmatchcase(path, glob))


def calls(text: str, name: str) -> Iterator[ast.Call]:
    """The calls of a function by the last part of its name, as they come in the file."""
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    for call in sorted(found, key=lambda node: (node.lineno, node.col_offset)):
        if ast.unparse(call.func).rpartition(".")[2] == name:
            yield call


def constants(node: ast.AST) -> list[object]:
    """The literal values that stand directly in a call, a list or a tuple, lists laid flat."""
    parts = node.args if isinstance(node, ast.Call) else getattr(node, "elts", [])
    found: list[object] = []
    for part in parts:
        if isinstance(part, ast.Constant):
            found.append(part.value)
        elif isinstance(part, ast.List | ast.Tuple):
            found += constants(part)
    return found


def keyword(call: ast.Call, name: str) -> ast.keyword | None:
    """The argument that is given by that name."""
    return next((given for given in call.keywords if given.arg == name), None)


def written(text: str, node: ast.AST) -> str:
    """The source of a node."""
    return ast.get_source_segment(text, node) or ""


def replaced(text: str, *changes: tuple[ast.AST, str]) -> str:
    """`text` with other words in the places of nodes."""
    source = text.encode()
    for (start, end), words in sorted(
        ((_span(text, node), words) for node, words in changes), reverse=True
    ):
        source = source[:start] + words.encode() + source[end:]
    return source.decode()


def without(text: str, *arguments: ast.AST) -> str:
    """`text` without some arguments or items, and without the commas that go with them."""
    source = text.encode()
    for start, end in sorted((_span(text, node) for node in arguments), reverse=True):
        before, after = source[:start], source[end:]
        comma = re.match(rb"\s*,\s*", after)
        if comma is not None:
            after = after[comma.end() :]
        else:
            before = re.sub(rb",\s*$", b"", before)
        source = before + after
    return source.decode()


def _span(text: str, node: ast.AST) -> tuple[int, int]:
    """Where a node stands, in bytes of UTF-8: that is how `ast` counts columns."""
    starts = [0]
    for line in text.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    start: int = starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
    end: int = starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
    return start, end
