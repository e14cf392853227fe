"""The names in a body: which are its own, and which it takes from around it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NamesInUse:
    """What the names of a body mean."""

    own: frozenset[str]
    """Its parameters, and what it or any lambda or comprehension within it gives a value."""
    given: frozenset[str]
    """What is looked up somewhere where nothing of its own has that name."""


@dataclass(slots=True)
class _Scope:
    """A function, a lambda or a comprehension."""

    around: _Scope | None
    is_comprehension: bool = False
    bound: set[str] = field(default_factory=set)
    looked_up: set[str] = field(default_factory=set)


def walk(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of some trees, each before those within it."""
    for node in nodes:
        yield from ast.walk(node)


def find_names(statements: Iterable[ast.AST], parameters: Iterable[str]) -> NamesInUse:
    """What the names mean in the statements of a function, as Python's compiler sees it.

    The name of a lambda's parameter or of a comprehension's variable is known within that one
    alone: what has the same name outside is something else.
    """
    scopes = [_Scope(None, bound=set(parameters))]
    for statement in statements:
        _visit(statement, scopes[0], scopes)
    own = frozenset[str]().union(*(scope.bound for scope in scopes))
    given = frozenset(
        name for scope in scopes for name in scope.looked_up if not _is_own(name, scope)
    )
    return NamesInUse(own, given)


def _is_own(name: str, scope: _Scope | None) -> bool:
    while scope is not None:
        if name in scope.bound:
            return True
        scope = scope.around
    return False


def _visit(node: ast.AST, scope: _Scope, scopes: list[_Scope]) -> None:
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            scope.looked_up.add(name)
        case ast.Name(id=name):
            scope.bound.add(name)
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            _around_comprehensions(scope).bound.add(name)
            _visit(value, scope, scopes)
        case ast.Lambda(args=arguments, body=body):
            inner = _Scope(scope, bound=_parameters(arguments))
            scopes.append(inner)
            for default in [*arguments.defaults, *arguments.kw_defaults]:
                if default is not None:
                    _visit(default, scope, scopes)
            _visit(body, inner, scopes)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            _visit_comprehension(node, scope, scopes)
        case _:
            scope.bound |= _captured(node)
            for child in ast.iter_child_nodes(node):
                _visit(child, scope, scopes)


def _visit_comprehension(
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
    scope: _Scope,
    scopes: list[_Scope],
) -> None:
    """Everything but what is gone through first is within."""
    inner = _Scope(scope, is_comprehension=True)
    scopes.append(inner)
    for place, generator in enumerate(node.generators):
        _visit(generator.iter, inner if place else scope, scopes)
        _visit(generator.target, inner, scopes)
        for condition in generator.ifs:
            _visit(condition, inner, scopes)
    made = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    for part in made:
        _visit(part, inner, scopes)


def _parameters(arguments: ast.arguments) -> set[str]:
    return {node.arg for node in ast.walk(arguments) if isinstance(node, ast.arg)}


def _around_comprehensions(scope: _Scope) -> _Scope:
    """Where `:=` gives its name a value."""
    while scope.is_comprehension and scope.around is not None:
        scope = scope.around
    return scope


def _captured(node: ast.AST) -> set[str]:
    """The names that a node binds by itself, as plain texts."""
    match node:
        case ast.ExceptHandler(name=str(name)):
            return {name}
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return {name}
        case ast.MatchMapping(rest=str(name)):
            return {name}
        case _:
            return set()


def find_labels(nodes: Iterable[ast.AST]) -> set[str]:
    """What columns of queries are called: `.label("total")`."""
    found = set()
    for node in nodes:
        match node:
            case ast.Call(
                func=ast.Attribute(attr="label"), args=[ast.Constant(value=str(name)), *_]
            ):
                found.add(name)
    return found
