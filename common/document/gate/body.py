"""The body of an operation as it was written: taken apart, checked, and put into one form."""

from __future__ import annotations

import ast
import io
import re
import textwrap
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from common.document.gate.faults import BodyError, BodyFault
from common.document.gate.names import find_names, walk
from common.document.gate.nodes import Checker
from common.document.gate.words import (
    ALIASES,
    BUILTINS,
    FREE,
    FREE_MODULES,
    HEAD,
    MODULES,
    SESSION,
    WHOLE,
    Signature,
    Words,
)
from common.document.pointers import shorten

MAX_CODE: Final = 20_000
MAX_NODES: Final = 6_000
MAX_DEPTH: Final = 50
SUGGESTIONS: Final = 3
"""For the first few faults a name is looked for that was meant."""
_DIRECTIVE: Final = re.compile(
    r"#\s*(noqa|type\s*:|ruff\s*:|mypy\s*:|flake8|fmt\s*:|pragma|pylint\s*:|isort\s*:|pyright\s*:)",
    re.IGNORECASE,
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Body:
    """Code that may become the body of an operation."""

    source: str
    """Its statements, not indented"""
    imports: tuple[str, ...]
    """Statements: what it imports, or uses of what is there without an import"""
    models: tuple[str, ...]
    """Names: what it uses of `app.models`"""
    statuses: tuple[int, ...]
    """The statuses that it refuses with, in order"""


def check_body(code: str, signature: Signature, words: Words) -> Body:
    """The body that `code` is: statements, or the definition of the one function.

    BodyError, with all that is wrong, for code that does or names anything that is not on the
    lists of `common.document.gate.words`. Nothing of it is run.
    """
    checked = _checked(code, signature, words, SUGGESTIONS)
    used = find_names(checked.statements, signature.inputs).given
    return Body(
        source=_source(checked.code, checked.statements),
        imports=tuple(_needed(checked.imports, used, words)),
        models=tuple(sorted(words.models & used)),
        statuses=tuple(sorted(checked.statuses)),
    )


def refuse_body(
    code: str, signature: Signature, words: Words, *, suggestions: int = SUGGESTIONS
) -> None:
    """Raise what `check_body` would, and make nothing of what is let through.

    For the first few faults, as many as `suggestions`, a name is looked for that was meant.
    """
    checked = _checked(code, signature, words, suggestions)
    if _is_written_over_lines(checked.statements):
        _source(checked.code, checked.statements)


@dataclass(frozen=True, slots=True)
class _Checked:
    """Code that was let through, taken apart."""

    code: str
    statements: list[ast.stmt]
    imports: list[ast.Import | ast.ImportFrom]
    statuses: set[int]


def _checked(code: str, signature: Signature, words: Words, suggestions: int) -> _Checked:
    code = textwrap.dedent(code.replace("\r\n", "\n").replace("\r", "\n"))
    statements, imports = _taken_apart(_parsed(code), signature)
    checker = Checker(signature, words, suggestions)
    for place, statement in imports:
        if not place:
            checker.refuse(statement, "imports stand before everything else")
        if not _is_of_head(statement):
            _check_import(statement, words, signature, checker)
    imported = [statement for _, statement in imports if not _is_of_head(statement)]
    checker.look(statements, imported)
    for line, comment in _comments(code) if _DIRECTIVE.search(code) else ():
        if _DIRECTIVE.search(comment):
            checker.note(line, "a comment may not switch off what is checked")
    if checker.faults:
        raise BodyError(checker.faults)
    return _Checked(code, statements, imported, checker.statuses)


def _parsed(code: str) -> ast.Module:
    if len(code) > MAX_CODE:
        raise BodyError([BodyFault(1, f"{len(code)} characters, and at most {MAX_CODE} may be")])
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        message = f"is not Python: {shorten(error.msg or 'invalid syntax')}"
        raise BodyError([BodyFault(error.lineno or 1, message)]) from None
    except (ValueError, RecursionError, MemoryError):
        raise BodyError([BodyFault(1, "is nested too deep, or not Python")]) from None
    level: list[ast.AST] = [tree]
    count = depth = 0
    while level:
        count, depth = count + len(level), depth + 1
        if count > MAX_NODES:
            raise BodyError([BodyFault(1, "is too long")])
        if depth > MAX_DEPTH:
            raise BodyError([BodyFault(1, "is nested too deep")])
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return tree


def _taken_apart(
    tree: ast.Module, signature: Signature
) -> tuple[list[ast.stmt], list[tuple[bool, ast.Import | ast.ImportFrom]]]:
    """The statements without docstring and imports; of each import, whether it is where it may be.

    A definition may have imports before it and at its own beginning.
    """
    outer = _without_docstring(tree.body)
    imports: list[tuple[bool, ast.Import | ast.ImportFrom]] = []
    definitions = [node for node in outer if isinstance(node, Function | ast.ClassDef)]
    if definitions:
        outer = _take_imports(outer, imports)
        function = _one_function(outer, signature)
        outer = _without_docstring(function.body)
    outer = _take_imports(outer, imports)
    imports += [
        (False, node) for node in walk(outer) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    outer = [node for node in outer if not isinstance(node, ast.Import | ast.ImportFrom)]
    if not outer:
        raise BodyError([BodyFault(1, "has no statement")])
    return outer, imports


def _take_imports(
    statements: list[ast.stmt], imports: list[tuple[bool, ast.Import | ast.ImportFrom]]
) -> list[ast.stmt]:
    """The statements behind the imports at their beginning, which are added to `imports`."""
    for place, statement in enumerate(statements):
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            return statements[place:]
        imports.append((True, statement))
    return []


def _without_docstring(statements: list[ast.stmt]) -> list[ast.stmt]:
    match statements:
        case [ast.Expr(value=ast.Constant(value=str())), *rest]:
            return rest
        case _:
            return statements


def _one_function(statements: list[ast.stmt], signature: Signature) -> Function:
    """The definition, if it is the only one and looks as it has to."""
    wanted = "async def" if signature.asynchronous else "def"
    head = f"{wanted} {signature.name}({', '.join(_parameters(signature))})"
    kind = ast.AsyncFunctionDef if signature.asynchronous else ast.FunctionDef
    faults = [
        BodyFault(
            node.lineno,
            "a class is not allowed"
            if isinstance(node, ast.ClassDef)
            else f"nothing may stand beside the one function `{head}`",
        )
        for node in statements
        if not (isinstance(node, kind) and node.name == signature.name)
    ]
    functions = [node for node in statements if isinstance(node, kind)]
    faults += [BodyFault(node.lineno, "the function is defined twice") for node in functions[1:]]
    for function in functions[:1]:
        faults += _head_faults(function, head, signature)
    if faults or not functions:
        raise BodyError(faults or [BodyFault(1, f"must define `{head}`")])
    return functions[0]


def _parameters(signature: Signature) -> list[str]:
    inputs = ["*", *signature.inputs] if signature.inputs else []
    return [SESSION, *inputs]


def _head_faults(function: Function, head: str, signature: Signature) -> Iterator[BodyFault]:
    line = function.lineno
    arguments = function.args
    named = [each.arg for each in arguments.kwonlyargs]
    others = [*arguments.posonlyargs, *arguments.args[1:], arguments.vararg, arguments.kwarg]
    if (
        [each.arg for each in arguments.args[:1]] != [SESSION]
        or any(each is not None for each in others)
        or sorted(named) != sorted(signature.inputs)
    ):
        yield BodyFault(line, f"must be defined as `{head}`")
    for decorator in function.decorator_list:
        yield BodyFault(decorator.lineno, "a decorator is not allowed")
    if arguments.defaults or any(each is not None for each in arguments.kw_defaults):
        yield BodyFault(line, "a parameter may have no default: each one is always given")
    if getattr(function, "type_params", ()):
        yield BodyFault(line, "must be defined without type parameters")
    written = [each.annotation for each in (*arguments.args, *arguments.kwonlyargs)]
    for annotation in (*written, function.returns):
        if annotation is not None and not _is_plain(annotation):
            yield BodyFault(annotation.lineno, "an annotation may only name types")


def _is_plain(annotation: ast.expr) -> bool:
    allowed = (
        *(ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.BinOp, ast.BitOr),
        *(ast.Constant, ast.Load),
    )
    return all(
        isinstance(node, allowed)
        and not (isinstance(node, ast.BinOp) and not isinstance(node.op, ast.BitOr))
        and not (isinstance(node, ast.Constant) and node.value is not None)
        for node in ast.walk(annotation)
    )


def _is_of_head(statement: ast.Import | ast.ImportFrom) -> bool:
    """Whether it imports nothing that a body may use."""
    return isinstance(statement, ast.ImportFrom) and {
        alias.name for alias in statement.names
    } <= HEAD.get(statement.module or "", frozenset())


def _check_import(
    statement: ast.Import | ast.ImportFrom, words: Words, signature: Signature, checker: Checker
) -> None:
    for alias in statement.names:
        if isinstance(statement, ast.Import):
            name = alias.asname or alias.name
            if alias.name not in WHOLE or ALIASES.get(name, name) != alias.name:
                checker.refuse(statement, f"`import {shorten(alias.name)}` is not on the list")
            continue
        module = "." * statement.level + (statement.module or "")
        known = MODULES.get(module, frozenset())
        if module == "app.models":
            known = words.models
        elif module == "app.schemas.operations" and signature.returns:
            known = frozenset({signature.returns})
        if alias.name not in known:
            said = f"`from {shorten(module)} import {shorten(alias.name)}` is not on the list."
            checker.refuse(statement, said + checker.like(alias.name, known))
        elif alias.name in BUILTINS:
            checker.refuse(statement, f"{alias.name} is there already, and means something else")
        elif alias.asname not in (None, alias.name):
            checker.refuse(statement, f"{alias.name} is imported under its own name or not at all")


def _needed(
    imports: Sequence[ast.Import | ast.ImportFrom],
    used: frozenset[str],
    words: Words,
) -> Iterator[str]:
    """What stands at the top of the module, but for what the project defines; in no order."""
    bound: set[str] = set()
    for statement in imports:
        module = statement.module if isinstance(statement, ast.ImportFrom) else None
        for alias in statement.names:
            bound.add(alias.asname or alias.name)
            if module is None:
                yield f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
            elif not module.startswith(("app.models", "app.schemas")):
                yield f"from {module} import {alias.name}"
    for name in sorted(used - bound - words.models):
        if name in FREE:
            yield f"from {FREE[name]} import {name}"
        elif name in FREE_MODULES:
            module = FREE_MODULES[name]
            yield f"import {module}" + (f" as {name}" if name != module else "")


def _source(code: str, statements: Sequence[ast.stmt]) -> str:
    """The statements as they were written, comments included, where that means the same.

    What is passed on is always the tree that was checked: where taking over the text would change
    it (a text of several lines, say, that is indented anew), it is written from the tree.
    """
    lines = code.split("\n")
    start, offset = statements[0].lineno - 1, statements[0].col_offset
    lines[start] = " " * offset + lines[start][offset:]
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    lines = lines[start : statements[-1].end_lineno]
    written = textwrap.dedent("\n".join(lines))
    try:
        again = ast.parse("async def function():\n" + textwrap.indent(written, "    ")).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        again = []
    match again:
        case [ast.AsyncFunctionDef(body=body)] if _dump(body) == _dump(statements):
            return written
    try:
        return ast.unparse(ast.Module(list(statements), []))
    except (ValueError, RecursionError):
        line = statements[0].lineno
        raise BodyError([BodyFault(line, "a text is written in too odd a way")]) from None


def _is_written_over_lines(statements: Sequence[ast.stmt]) -> bool:
    """Whether a text has several lines of code, and so would be changed by an indentation."""
    return any(
        isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno != node.lineno
        for node in walk(statements)
    )


def _dump(statements: Sequence[ast.stmt]) -> list[str]:
    return [ast.dump(statement) for statement in statements]


def _comments(code: str) -> Iterator[tuple[int, str]]:
    """The comments, by their lines; the code is known to be Python."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    except (tokenize.TokenError, IndentationError):
        yield 1, "# noqa"  # what can't be read twice alike is refused
