"""Each node of a body, looked at by itself: what is not on a list is refused with its line."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any, Final

from common.document.gate.attributes import ATTRIBUTES, is_readable, is_settable
from common.document.gate.faults import MAX_FAULTS, BodyError, BodyFault
from common.document.gate.names import find_labels, find_names, walk
from common.document.gate.syntax import syntax_fault
from common.document.gate.words import (
    BUILTINS,
    CHANGEABLE,
    CLASSES,
    COLUMN_METHODS,
    FREE,
    FREE_MODULES,
    FUNCTIONS,
    KEYWORDS,
    MODEL_METHODS,
    MODEL_PLACES,
    MODULES,
    RESERVED,
    SESSION,
    SESSION_KEYWORDS,
    SESSION_METHODS,
    UNCHANGEABLE,
    WRITING_FUNCTIONS,
    WRITING_METHODS,
    Signature,
    Words,
)
from common.document.pointers import nearest, shorten

_READS_ONLY: Final = "an operation that is asked with GET changes nothing"
_OF_CLASSES: Final = frozenset({"metadata", "mro", "registry"})
_MAX_BITS: Final = 128
_ROUTE_COMMITS: Final = " The route commits once the function has returned, and not if it raises."
_OF_REFUSALS: Final = frozenset({"status_code", "detail"})
_FIRST_REFUSAL: Final = 400
_LAST_REFUSAL: Final = 499


class Checker:
    """Looks at the nodes of one body and keeps what is wrong with them."""

    def __init__(self, signature: Signature, words: Words, suggestions: int) -> None:
        self._signature = signature
        self._words = words
        self._suggestions = suggestions
        self._own: frozenset[str] = frozenset()
        self._given: frozenset[str] = frozenset()
        self._allowed: set[str] = set()
        self._reserved: set[str] = set()
        self._modules: dict[str, str] = {}
        self._labels: set[str] = set()
        self._called: set[ast.AST] = set()
        """What stands where it is called, or asked for its parts"""
        self._named: set[ast.AST] = set()
        """What stands where a class may: `select(Order)`, `except ValueError`"""
        self.faults: list[BodyFault] = []
        self.statuses: set[int] = set()
        """What it raises HTTPExceptions with"""

    def note(self, line: int, message: str) -> None:
        """Keep a fault; BodyError, with all of them, once there are as many as are told."""
        self.faults.append(BodyFault(line, message))
        if len(self.faults) >= MAX_FAULTS:
            raise BodyError(self.faults)

    def refuse(self, node: ast.stmt | ast.expr, message: str) -> None:
        """Keep a fault of a node."""
        self.note(node.lineno, message)

    def like(self, name: str, known: Iterable[str]) -> str:
        """` Did you mean 'x'?`, for the first few faults: looking takes a while."""
        if self._suggestions <= 0:
            return ""
        self._suggestions -= 1
        return nearest(name, (one for one in known if one != name))

    def look(
        self, statements: Sequence[ast.stmt], imports: Sequence[ast.Import | ast.ImportFrom]
    ) -> None:
        """Look at all that is in the statements of the function."""
        names = find_names(statements, self._signature.inputs)
        self._own, self._given = names.own, names.given
        imported = self._take_imports(imports)
        self._allowed = {*self._words.models, *imported, *BUILTINS, *FREE, *self._modules, SESSION}
        if self._signature.returns is not None:
            self._allowed.add(self._signature.returns)
        self._reserved = (self._allowed | RESERVED) - set(self._signature.inputs)
        nodes = [*walk(statements)]
        self._labels = find_labels(nodes)
        for node in nodes:
            look: Callable[[Any], None] | None = getattr(
                self, f"_look_at_{type(node).__name__}", None
            )
            if look is not None:
                look(node)
            elif (fault := syntax_fault(node)) is not None:
                self.note(getattr(node, "lineno", 1), fault)
        self._check_returns(nodes)

    def _take_imports(self, imports: Sequence[ast.Import | ast.ImportFrom]) -> set[str]:
        """The names that are imported; each means one thing."""
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
        return set(imported)

    # Names

    def _look_at_Name(self, node: ast.Name) -> None:  # noqa: N802 - called by the node's name
        name = node.id
        if not isinstance(node.ctx, ast.Load):
            self._check_binding(node.lineno, name)
        elif name.startswith("__") or not name.isascii():
            self.refuse(node, f"the name {shorten(name)!r} is not allowed")
        elif name in self._given and name not in self._allowed:
            said = f"the name {shorten(name)!r} is not on the list."
            self.refuse(node, said + self.like(name, self._allowed | self._own))
        elif name in self._given and node not in self._named:
            self._check_given(node, name, is_called=node in self._called)

    def _check_given(self, node: ast.Name, name: str, *, is_called: bool) -> None:
        """What is not the body's own has no second name and is passed on to nobody."""
        if name == SESSION:
            methods = ", ".join(sorted(self._session_methods))
            self.refuse(node, f"the session may only be asked for {methods}, by its own name")
        elif name in self._modules:
            self.refuse(node, f"the module {name} may only be asked for what is in it")
        elif name == "func":
            self.refuse(node, "`func` may only be called by name: `func.count(...)`")
        elif name in self._words.models:
            if not is_called:
                said = "may only be made, queried or asked for its columns; no other name for it"
                self.refuse(node, f"{name} {said}")
        elif self._signature.reads_only and name in WRITING_FUNCTIONS:
            self.refuse(node, f"{name}: {_READS_ONLY}")
        elif not is_called and name not in BUILTINS | UNCHANGEABLE:
            self.refuse(node, f"{name} may only be called: no other name for it")

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
        else:
            self._take_classes([node.type])
        self._check_binding(node.lineno, node.name)

    def _look_at_MatchAs(self, node: ast.MatchAs) -> None:  # noqa: N802
        self._check_binding(node.lineno, node.name)

    def _look_at_MatchStar(self, node: ast.MatchStar) -> None:  # noqa: N802
        self._check_binding(node.lineno, node.name)

    def _look_at_MatchMapping(self, node: ast.MatchMapping) -> None:  # noqa: N802
        self._check_binding(node.lineno, node.rest)

    def _look_at_MatchClass(self, node: ast.MatchClass) -> None:  # noqa: N802
        self.note(node.lineno, "a class in a pattern is not allowed")

    def _take_classes(self, nodes: Iterable[ast.expr]) -> None:
        """`except` and `isinstance` take classes: one, or a tuple of some."""
        for node in nodes:
            parts = node.elts if isinstance(node, ast.Tuple) else [node]
            for part in parts:
                if isinstance(part, ast.Name) and part.id not in {*self._modules, SESSION, "func"}:
                    self._named.add(part)

    # Attributes

    def _look_at_Attribute(self, node: ast.Attribute) -> None:  # noqa: N802
        name = node.attr
        owner = node.value.id if isinstance(node.value, ast.Name) else None
        if name.startswith("_") or not name.isascii():
            self.refuse(node, f"the attribute {shorten(name)!r} is not allowed")
        elif owner is not None and owner in self._given and owner in self._allowed:
            self._named.add(node.value)
            if isinstance(node.ctx, ast.Load):
                self._check_part(node, owner)
            else:
                self.refuse(node, f"{owner} is not to be changed")
        elif not isinstance(node.ctx, ast.Load):
            self._check_change(node)
        elif not is_readable(name, self._words.attributes):
            self.refuse(node, self._unreadable(name))

    def _check_part(self, node: ast.Attribute, owner: str) -> None:
        """What is asked of the session, of functions, modules, models and classes."""
        name = node.attr
        known: Iterable[str]
        if owner in {SESSION, "func"}:
            known = self._session_methods if owner == SESSION else FUNCTIONS
            if name in known and node not in self._called:
                self.refuse(node, f"{owner}.{name} may only be called: no other name for it")
        elif owner in self._modules:
            known = MODULES.get(self._modules[owner], frozenset())
            if name in known and self._modules[owner] in CHANGEABLE and node not in self._called:
                self.refuse(node, f"{owner}.{name} may only be called: no other name for it")
        elif owner in self._words.models:
            self._check_part_of_model(node, owner)
            return
        elif owner == "HTTPStatus":
            known = HTTPStatus.__members__
        else:
            known = ATTRIBUTES if owner in CLASSES else ()
        if name not in known:
            self.refuse(node, self._unlisted(owner, name, known))

    def _check_part_of_model(self, node: ast.Attribute, owner: str) -> None:
        name, columns = node.attr, self._words.attributes
        if owner[:1].isupper():  # a table that somebody declared, or an enum
            if name not in columns - _OF_CLASSES and not name.isupper():
                self.refuse(node, self._unlisted(owner, name, columns))
        elif name not in ATTRIBUTES:
            self.refuse(node, self._unlisted(owner, name, ("c",)))
        elif self._signature.reads_only and name in WRITING_FUNCTIONS:
            self.refuse(node, f"{owner}.{name}: {_READS_ONLY}")

    def _unlisted(self, owner: str, name: str, known: Iterable[str]) -> str:
        said = f"{owner}.{shorten(name)} is not on the list."
        if owner == SESSION and name in {"begin", "commit", "rollback"}:
            return said + _ROUTE_COMMITS
        if owner == SESSION and name in SESSION_METHODS:
            return f"{said} {_READS_ONLY}"
        return said + self.like(name, known)

    def _unreadable(self, name: str) -> str:
        said = f"the attribute {shorten(name)!r} is not on the list."
        if name in self._words.attributes:
            return f"{said} Ask the model for this column, and the row by its place in a query."
        if name in self._labels:
            return f"{said} Read a label by place, or of `.mappings()`: `row[{name!r}]`"
        return said + self.like(name, ATTRIBUTES | self._words.attributes)

    def _check_change(self, node: ast.Attribute) -> None:
        """Columns and relationships of rows are given values, and nothing else."""
        root: ast.expr = node.value
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        if self._signature.reads_only:
            self.refuse(node, _READS_ONLY)
        elif not isinstance(root, ast.Name) or root.id not in self._own:
            self.refuse(node, "only what a variable holds may be changed")
        elif not is_settable(node.attr, self._words.attributes):
            self.refuse(node, f"{shorten(node.attr)!r} is no column that may be set on a row")

    # Calls

    @property
    def _session_methods(self) -> frozenset[str]:
        return SESSION_METHODS - WRITING_METHODS if self._signature.reads_only else SESSION_METHODS

    def _look_at_Call(self, node: ast.Call) -> None:  # noqa: N802
        self._called.add(node.func)
        for keyword in node.keywords:
            if keyword.arg is not None and keyword.arg.startswith("_"):
                self.refuse(node, f"the argument {shorten(keyword.arg)!r} is not allowed")
        match node.func:
            case ast.Name(id=name) if name not in self._own:
                self._look_at_call_of(node, name)
            case ast.Attribute(value=ast.Name(id="func"), attr=name):
                self._check_keywords(node, f"func.{name}", frozenset())
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner == SESSION:
                known = SESSION_KEYWORDS.get(name, frozenset())
                self._check_keywords(node, f"session.{name}", known)
                if name in {"get", "get_one"}:
                    self._take_models(node.args[:1])
            case ast.Attribute(attr=name) if name in MODEL_METHODS:
                self._take_models(_values(node))
            case ast.Attribute(attr=name) if name in COLUMN_METHODS:
                self._check_keywords(node, name, self._words.attributes - _OF_CLASSES)

    def _look_at_call_of(self, node: ast.Call, name: str) -> None:
        if name == "HTTPException":
            self._take_status(node)
            self._check_keywords(node, name, _OF_REFUSALS)
            starred = any(isinstance(argument, ast.Starred) for argument in node.args)
            if starred or len(node.args) > len(_OF_REFUSALS):  # headers would be the third
                self.refuse(node, "an HTTPException takes a status and why, and nothing else")
        elif name == "isinstance":
            self._take_classes(node.args[1:])
        elif name in self._words.models:
            self._check_keywords(node, name, self._words.attributes - _OF_CLASSES)
        elif name in KEYWORDS:
            self._check_keywords(node, name, KEYWORDS[name])
            if name in MODEL_PLACES:
                self._take_models(_values(node))

    def _take_models(self, nodes: Iterable[ast.expr]) -> None:
        self._named.update(
            node for node in nodes if isinstance(node, ast.Name) and node.id in self._words.models
        )

    def _check_keywords(self, node: ast.Call, callee: str, known: frozenset[str]) -> None:
        for keyword in node.keywords:
            if keyword.arg is None or keyword.arg not in known:
                name = "**" if keyword.arg is None else shorten(keyword.arg)
                self.refuse(node, f"{shorten(callee)} takes no argument {name!r} here")
                return

    def _take_status(self, node: ast.Call) -> None:
        named = [keyword.value for keyword in node.keywords if keyword.arg == "status_code"]
        match [*node.args[:1], *named]:
            case [ast.Constant(value=int(status))]:
                pass
            case [ast.Attribute(value=ast.Name(id="HTTPStatus"), attr=name)] if (
                name in HTTPStatus.__members__
            ):
                status = int(HTTPStatus[name])
            case _:
                self.refuse(node, "an HTTPException needs a status that is written out")
                return
        if not _FIRST_REFUSAL <= status <= _LAST_REFUSAL:
            self.refuse(node, f"an HTTPException needs a status from 400 to 499, not {status}")
        else:
            self.statuses.add(status)

    # Everything else

    def _look_at_Constant(self, node: ast.Constant) -> None:  # noqa: N802
        value = node.value
        if isinstance(value, complex) or value is Ellipsis:
            self.refuse(node, "only texts, numbers, true, false and None may be written out")
        elif isinstance(value, int) and value.bit_length() > _MAX_BITS:
            self.refuse(node, f"a whole number may have {_MAX_BITS} bits")
        elif isinstance(value, float) and not math.isfinite(value):
            self.refuse(node, "a number is too large")

    def _look_at_AnnAssign(self, node: ast.AnnAssign) -> None:  # noqa: N802
        if node.simple:  # then nothing ever works it out
            self._named.update(ast.walk(node.annotation))

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


def _values(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(keyword.value for keyword in node.keywords)]
