"""The names in a piece of code: which it binds, and which it uses."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator


def walk(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of some trees, each before those within it."""
    for node in nodes:
        yield from ast.walk(node)


def bound_names(nodes: Iterable[ast.AST]) -> set[str]:
    """What is given a value by any of these nodes."""
    names: set[str] = set()
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                names.add(name)
            case ast.ExceptHandler(name=str(name)):
                names.add(name)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
            case ast.MatchMapping(rest=str(name)):
                names.add(name)
    return names


def used_names(nodes: Iterable[ast.AST]) -> set[str]:
    """What is looked up by these nodes and bound by none of them."""
    nodes = list(nodes)
    looked_up = {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    return looked_up - bound_names(nodes)


def labels(nodes: Iterable[ast.AST]) -> set[str]:
    """What columns of queries are called: `.label("total")`."""
    found = set()
    for node in nodes:
        match node:
            case ast.Call(
                func=ast.Attribute(attr="label"), args=[ast.Constant(value=str(name)), *_]
            ):
                found.add(name)
    return found
