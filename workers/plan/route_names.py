"""Names within the modules of routes: models, rows, keys in paths."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from common.document.resolved import ColumnType
from workers.literals import literal
from workers.plan.ir import ColumnPlan, ModelPlan, Plan
from workers.plan.wire_types import ALIASES, type_in_path

ROUTE_MODULE_NAMES: Final = frozenset(
    {
        "APIRouter",
        "Annotated",
        "Any",
        "Decimal",
        "HTTPStatus",
        "ListQuery",
        "Page",
        "Query",
        "Response",
        "Session",
        "SessionDep",
        "SoftDeleteQuery",
        "UUID",
        *ALIASES.values(),
        "BinaryKey",
        "Key",
    }
)
"""What stands at the top of a module of routes; a model called so is imported as another name."""

ROUTE_VARIABLES: Final = frozenset(
    {
        *("body", "include_deleted", "link", "linked", "name", "other", "query", "response"),
        *("router", "rows", "session", "statement", "value"),
        *("add_link", "and_", "delete", "find", "insert", "location", "not_found", "paginate"),
        *("check_references", "check_unused", "refuses", "save", "select", "select_rows"),
        *("spelled_out", "utc_now"),
    }
)
"""Names that the functions of routes use; a row called so gets another name."""


@dataclass(frozen=True, slots=True)
class KeyParameter:
    """One column of a primary key as a part of the path."""

    name: str
    """Name: the parameter of the route's function, and of the path."""
    annotation: str
    """Expression."""
    attribute: str
    """Name: the model's attribute."""
    column: ColumnPlan

    def in_path(self, row: str) -> str:
        """Expression for tests: the column of a `row` that is shown as JSON, as paths have it."""
        return in_path(self.column, f"{row}[{literal(self.column.name)}]")

    @property
    def convertor(self) -> str:
        """Text: how the path takes values with a slash, which only an enum may have."""
        return f":{self.slashed_enum}" if self.slashed_enum else ""

    @property
    def slashed_enum(self) -> str | None:
        """Name: the enum that it is of, where that has values with a slash."""
        enum = self.column.enum
        slashed = enum and any("/" in member.value for member in enum.members)
        return enum.class_name if enum and slashed else None


def key_parameter(model: ModelPlan, column: ColumnPlan) -> KeyParameter:
    """The parameter of a path for one column of a primary key."""
    name = column.attribute
    if hasattr(builtins, name) or name in ROUTE_VARIABLES:
        name = f"{model.function_stem}_{name}"
    if keyword.iskeyword(name) or name == row_variable(model):
        name = f"{name}_key"
    return KeyParameter(name, type_in_path(column), column.attribute, column)


def in_path(column: ColumnPlan, source: str) -> str:
    """Expression for tests: a key's JSON value, whose expression is `source`, as paths have it."""
    return f"url_safe({source})" if column.type is ColumnType.LARGE_BINARY else source


def key_path(key: Iterable[KeyParameter]) -> str:
    """The part of a path that is a key: `/{order_id}/{line_number}`."""
    return "".join(f"/{{{parameter.name}{parameter.convertor}}}" for parameter in key)


def key_expression(key: tuple[KeyParameter, ...]) -> str:
    """The key as the session wants it: `post_id`, or a tuple."""
    names = ", ".join(parameter.name for parameter in key)
    return names if len(key) == 1 else f"({names})"


def key_parameters(key: Iterable[KeyParameter]) -> str:
    """The key as a function's parameters: `post_id: Integer`."""
    return ", ".join(f"{parameter.name}: {parameter.annotation}" for parameter in key)


def query_class(model: ModelPlan) -> str:
    """The schema of the parameters of a model's list."""
    name = f"{model.class_name}Query"
    return f"{model.class_name}RowsQuery" if name in {"ListQuery", "SoftDeleteQuery"} else name


def free_name(name: str, taken: Collection[str]) -> str:
    """`name`, or one beside it where that is taken."""
    return f"other_{name}" if name in taken else name


def row_variable(model: ModelPlan) -> str:
    """What a row is called in the functions of routes."""
    stem = model.function_stem
    return f"{stem}_row" if stem in ROUTE_VARIABLES or stem in dir(builtins) else stem


def model_symbol(class_name: str, plan: Plan) -> str:
    """What a model's class is called in modules of routes, beside the schemas of all models."""
    suffixes = ("Create", "Query", "Read", "Update")
    schemas = {f"{model.class_name}{suffix}" for model in plan.models for suffix in suffixes}
    taken = ROUTE_MODULE_NAMES | schemas | ROUTE_VARIABLES
    return f"{class_name}Model" if class_name in taken else class_name
