"""Each node of a body, looked at by itself: what is not on a list is refused with its line."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from common.document.gate.names import find_names, labels, walk
from common.document.gate.words import (
    ATTRIBUTES,
    BUILTINS,
    DENIED,
    FREE,
    FREE_MODULES,
    FUNCTIONS,
    MODEL_METHODS,
    MODEL_PLACES,
    MODULES,
    RESERVED,
    SESSION,
    SESSION_METHODS,
    Signature,
    Words,
)
from common.document.pointers import nearest, shorten

_ALLOWED: Final = (
    *(ast.AnnAssign, ast.Assign, ast.AsyncFor, ast.AugAssign, ast.Break, ast.Continue),
    *(ast.Delete, ast.ExceptHandler, ast.Expr, ast.For, ast.If, ast.Match, ast.Pass, ast.Raise),
    *(ast.Return, ast.Try, ast.While, ast.match_case, ast.pattern),
    *(ast.Attribute, ast.Await, ast.BinOp, ast.BoolOp, ast.Call, ast.Compare, ast.Constant),
    *(ast.Dict, ast.DictComp, ast.FormattedValue, ast.GeneratorExp, ast.IfExp, ast.JoinedStr),
    *(ast.Lambda, ast.List, ast.ListComp, ast.Name, ast.NamedExpr, ast.Set, ast.SetComp),
    *(ast.Slice, ast.Starred, ast.Subscript, ast.Tuple, ast.UnaryOp),
    *(ast.arg, ast.arguments, ast.boolop, ast.cmpop, ast.comprehension, ast.expr_context),
    *(ast.keyword, ast.operator, ast.unaryop),
)
_REFUSED: Final[Mapping[type[ast.AST], str]] = {
    ast.FunctionDef: "a function within the function is not allowed",
    ast.AsyncFunctionDef: "a function within the function is not allowed",
    ast.ClassDef: "a class is not allowed",
    ast.Global: "`global` is not allowed",
    ast.Nonlocal: "`nonlocal` is not allowed",
    ast.Yield: "`yield` is not allowed: the function returns, once",
    ast.YieldFrom: "`yield` is not allowed: the function returns, once",
    ast.With: "`with` is not allowed: the session is open already",
    ast.AsyncWith: "`async with` is not allowed: the session is open already",
    ast.Assert: "`assert` is not allowed: raise an HTTPException",
}
_ROUTE_COMMITS: Final = " The route commits once the function has returned, and not if it raises."
_FIRST_REFUSAL: Final = 400
_LAST_REFUSAL: Final = 499


@dataclass(frozen=True, slots=True)
class BodyFault:
    """One thing that is wrong with a body."""

    line: int
    """Counted from 1, in the code as it was given"""
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class Checker:
    """Looks at the nodes of one body and keeps what is wrong with them."""

    def __init__(self, signature: Signature, words: Words) -> None:
        self._signature = signature
        self._words = words
        self._own: frozenset[str] = frozenset()
        self._given: frozenset[str] = frozenset()
        self._allowed: set[str] = set()
        self._reserved: set[str] = set()
        self._modules: dict[str, str] = {}
        self._opened: frozenset[str] = frozenset()
        self._fine: set[ast.AST] = set()
        self.faults: list[BodyFault] = []
        self.statuses: set[int] = set()
        """What it raises HTTPExceptions with"""

    def note(self, line: int, message: str) -> None:
        """Keep a fault."""
        self.faults.append(BodyFault(line, message))

    def refuse(self, node: ast.stmt | ast.expr, message: str) -> None:
        """Keep a fault of a node."""
        self.note(node.lineno, message)

    def look(
        self, statements: Sequence[ast.stmt], imports: Sequence[ast.Import | ast.ImportFrom]
    ) -> None:
        """Look at all that is in the statements of the function."""
        nodes = [*walk(statements)]
        names = find_names(statements, self._signature.inputs)
        self._own, self._given = names.own, names.given
        parameters = frozenset(self._signature.inputs)
        modules = {name: module for name, module in FREE_MODULES.items() if name not in parameters}
        imported: dict[str, str] = {}
        for statement in imports:
            origin = statement.module if isinstance(statement, ast.ImportFrom) else None
            for alias in statement.names:
                name = alias.asname or alias.name
                meaning = f"{origin}.{alias.name}" if origin else alias.name
                if origin:
                    modules.pop(name, None)
                else:
                    modules[name] = alias.name
                if name in parameters or imported.setdefault(name, meaning) != meaning:
                    self.refuse(statement, f"{shorten(name)} means something else here")
        self._modules = modules
        self._allowed = {*self._words.models, *imported, *BUILTINS, *FREE, *modules, SESSION}
        if self._signature.returns is not None:
            self._allowed.add(self._signature.returns)
        self._reserved = (self._allowed | RESERVED | set(FREE_MODULES)) - parameters
        self._opened = self._words.attributes | labels(nodes)
        for node in nodes:
            look: Callable[[Any], None] | None = getattr(
                self, f"_look_at_{type(node).__name__}", None
            )
            if look is not None:
                look(node)
            elif not isinstance(node, _ALLOWED):
                line = getattr(node, "lineno", 1)
                self.note(line, _REFUSED.get(type(node), f"{_kind(node)} is not allowed"))
        self._check_returns(nodes)

    # Names

    def _look_at_Name(self, node: ast.Name) -> None:  # noqa: N802 - called by the node's name
        name = node.id
        if not isinstance(node.ctx, ast.Load):
            self._check_binding(node.lineno, name)
        elif name.startswith("__") or not name.isascii():
            self.refuse(node, f"the name {shorten(name)!r} is not allowed")
        elif name in self._given and name not in self._allowed:
            said = f"the name {shorten(name)!r} is not on the list."
            self.refuse(node, said + nearest(name, (self._allowed | self._own) - {name}))
        elif node in self._fine or name in self._own:
            pass
        elif name == SESSION:
            methods = ", ".join(sorted(SESSION_METHODS))
            self.refuse(node, f"the session may only be asked for {methods}, by its own name")
        elif name in self._modules:
            self.refuse(node, f"the module {name} may only be asked for what is in it")
        elif name == "func":
            self.refuse(node, "`func` may only be called by name: `func.count(...)`")
        elif name in self._words.models:
            self.refuse(
                node,
                f"{name} may only be made, queried or asked for its columns; no other name for it",
            )

    def _check_binding(self, line: int, name: str | None) -> None:
        """A name that is given a value, in whatever way, means nothing else anywhere."""
        if name is None:
            return
        if name.startswith("__") or not name.isascii():
            self.note(line, f"the name {shorten(name)!r} is not allowed")
        elif name in self._reserved:
            self.note(line, f"{shorten(name)} means something else here; choose another name")

    def _look_at_arg(self, node: ast.arg) -> None:
        self._check_binding(node.lineno, node.arg)

    def _look_at_ExceptHandler(self, node: ast.ExceptHandler) -> None:  # noqa: N802
        if node.type is None:
            self.note(node.lineno, "say which exception is expected")
        self._check_binding(node.lineno, node.name)

    def _look_at_MatchAs(self, node: ast.MatchAs) -> None:  # noqa: N802
        self._check_binding(node.lineno, node.name)

    def _look_at_MatchStar(self, node: ast.MatchStar) -> None:  # noqa: N802
        self._check_binding(node.lineno, node.name)

    def _look_at_MatchMapping(self, node: ast.MatchMapping) -> None:  # noqa: N802
        self._check_binding(node.lineno, node.rest)

    def _look_at_MatchClass(self, node: ast.MatchClass) -> None:  # noqa: N802
        self.note(node.lineno, "a class in a pattern is not allowed")

    # Attributes

    def _look_at_Attribute(self, node: ast.Attribute) -> None:  # noqa: N802
        name = node.attr
        owner = node.value.id if isinstance(node.value, ast.Name) else None
        if owner in self._own:
            owner = None
        if name.startswith("_") or not name.isascii():
            self.refuse(node, f"the attribute {shorten(name)!r} is not allowed")
        elif owner in {SESSION, "func", *self._modules, *self._words.models}:
            self._fine.add(node.value)
            self._check_part(node, str(owner))
        elif isinstance(node.ctx, ast.Load):
            self._check_attribute(node, name, (ATTRIBUTES | self._opened) - DENIED)
        else:
            if owner is not None and owner in self._allowed:
                self.refuse(node, f"{owner} is not to be changed")
            self._check_attribute(node, name, self._words.attributes - DENIED)

    def _check_part(self, node: ast.Attribute, owner: str) -> None:
        """What is asked of the session, of functions, modules and models."""
        name = node.attr
        if not isinstance(node.ctx, ast.Load):
            self.refuse(node, f"{owner} is not to be changed")
        elif owner in self._words.models:
            self._check_attribute(node, name, self._words.attributes | {"c"})
        else:
            known = {SESSION: SESSION_METHODS, "func": FUNCTIONS}.get(owner)
            if known is None:
                known = MODULES.get(self._modules[owner], frozenset())
            if name not in known:
                said = f"{owner}.{shorten(name)} is not on the list."
                ends = owner == SESSION and name in {"begin", "commit", "rollback"}
                self.refuse(node, said + (_ROUTE_COMMITS if ends else nearest(name, known)))

    def _check_attribute(self, node: ast.Attribute, name: str, known: frozenset[str]) -> None:
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        if owner in self._words.models and name in ATTRIBUTES:
            return  # of an enum's member, or of a table that nobody declared
        if owner in self._words.models and name.isupper():
            return  # a member of an enum
        if owner == "HTTPStatus" and hasattr(HTTPStatus, name):
            return
        if name not in known:
            said = f"the attribute {shorten(name)!r} is not on the list."
            self.refuse(node, said + nearest(name, known))

    # Calls

    def _look_at_Call(self, node: ast.Call) -> None:  # noqa: N802
        for keyword in node.keywords:
            if keyword.arg is not None and keyword.arg.startswith("_"):
                self.refuse(node, f"the argument {shorten(keyword.arg)!r} is not allowed")
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        match node.func:
            case ast.Name(id=name) if name in self._words.models:
                self._fine.add(node.func)
            case ast.Name(id=name) if name in MODEL_PLACES and name not in self._own:
                self._fine.update(values)
            case ast.Name(id="isinstance") if "isinstance" not in self._own:
                self._fine.update(node.args[1:])
            case ast.Attribute(value=ast.Name(id=owner), attr="get" | "get_one") if (
                owner == SESSION
            ):
                self._fine.update(node.args[:1])
            case ast.Attribute(attr=name) if name in MODEL_METHODS:
                self._fine.update(values)
            case ast.Name(id="HTTPException"):
                self._take_status(node)

    def _take_status(self, node: ast.Call) -> None:
        named = [keyword.value for keyword in node.keywords if keyword.arg == "status_code"]
        match [*node.args[:1], *named]:
            case [ast.Constant(value=int(status))]:
                pass
            case [ast.Attribute(value=ast.Name(id="HTTPStatus"), attr=name)] if hasattr(
                HTTPStatus, name
            ):
                status = int(getattr(HTTPStatus, name))
            case _:
                self.refuse(node, "an HTTPException needs a status that is written out")
                return
        if not _FIRST_REFUSAL <= status <= _LAST_REFUSAL:
            self.refuse(node, f"an HTTPException needs a status from 400 to 499, not {status}")
        else:
            self.statuses.add(status)

    # Everything else

    def _look_at_Constant(self, node: ast.Constant) -> None:  # noqa: N802
        if isinstance(node.value, complex) or node.value is Ellipsis:
            self.refuse(node, "only texts, numbers, true, false and None may be written out")

    def _look_at_AnnAssign(self, node: ast.AnnAssign) -> None:  # noqa: N802
        if node.simple:  # then nothing ever works it out
            self._fine.update(ast.walk(node.annotation))

    def _look_at_Lambda(self, node: ast.Lambda) -> None:  # noqa: N802
        if node.args.defaults or any(node.args.kw_defaults):
            self.refuse(node, "a lambda may have no default")

    def _look_at_Await(self, node: ast.Await) -> None:  # noqa: N802
        if not self._signature.asynchronous:
            self.refuse(node, "`await` is not allowed: the function is a plain one")

    def _look_at_AsyncFor(self, node: ast.AsyncFor) -> None:  # noqa: N802
        if not self._signature.asynchronous:
            self.refuse(node, "`async for` is not allowed: the function is a plain one")

    def _look_at_Delete(self, node: ast.Delete) -> None:  # noqa: N802
        if not all(isinstance(target, ast.Name | ast.Subscript) for target in node.targets):
            self.refuse(node, "`del` takes names and items")

    def _check_returns(self, nodes: Sequence[ast.AST]) -> None:
        returns = [node for node in nodes if isinstance(node, ast.Return)]
        for node in returns:
            if self._signature.returns is None and node.value is not None:
                self.refuse(node, "the operation returns nothing")
            elif self._signature.returns is not None and node.value is None:
                self.refuse(node, "the operation returns values: give them by name, as a dict")
        raises = any(isinstance(node, ast.Raise) for node in nodes)
        if self._signature.returns is not None and not returns and not raises:
            self.note(1, "the operation returns values: give them by name, as a dict")


def _kind(node: ast.AST) -> str:
    return f"`{type(node).__name__.lower()}`"
