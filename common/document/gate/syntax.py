"""The syntax that a body may be written in."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Final

ALLOWED: Final = (
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
REFUSED: Final[Mapping[type[ast.AST], str]] = {
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


def syntax_fault(node: ast.AST) -> str | None:
    """What is wrong with there being such a node; None if nothing is."""
    if isinstance(node, ALLOWED):
        return None
    return REFUSED.get(type(node), f"`{type(node).__name__.lower()}` is not allowed")
