"""Lists can be filtered by each column and sorted by each that has an order.

A parameter called like a column asks for equality; `__gte`, `__lte`, `__contains` and `__isnull`
after the column's name ask for more. All that are given have to hold.
"""

import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

from pydantic import Field, StringConstraints
from sqlalchemy import ColumnElement, Select, select

from app.core.fields import Text
from app.core.pagination import PageQuery
from app.models.base import Base

MAX_SORT_LENGTH = 8000  # enough for a hundred names of the greatest length

Model = TypeVar("Model", bound=Base)

Fragment = Annotated[Text, StringConstraints(min_length=1, max_length=200)]
AT_LEAST = Field(description="At least this.")
AT_MOST = Field(description="At most this.")
CONTAINS = Field(description="Has this in it; A to Z are the same in capitals and small.")
IS_NULL = Field(description="Whether there is no value.")

OPERATORS: dict[str, Callable[[ColumnElement[Any], Any], ColumnElement[bool]]] = {
    "eq": lambda column, value: column == value,
    "gte": lambda column, value: column >= value,
    "lte": lambda column, value: column <= value,
    "contains": lambda column, value: column.icontains(value, autoescape=True),
    "isnull": lambda column, value: column.is_(None) if value else column.is_not(None),
}


class ListQuery(PageQuery):
    """Which rows to list, in which order, and which part of them."""

    sort: str | None = None


def sorting(columns: Iterable[str]) -> Any:  # noqa: ANN401 - like Field() itself
    """Declare the parameter `sort`: columns in order of weight, `-` before those that fall."""
    column = f"-?({'|'.join(map(re.escape, columns))})"
    return Field(
        default=None,
        pattern=f"^{column}(,{column})*$",
        max_length=MAX_SORT_LENGTH,
        description="Columns to sort by, separated by commas; `-` before a name turns it around.",
    )


def select_rows(model: type[Model], query: ListQuery) -> Select[Model]:
    """Select the rows that `query` asks for, in its order; where that leaves a choice, by key."""
    columns = model.__table__.c
    statement = select(model)
    shape = set(ListQuery.model_fields)
    conditions = query.model_dump(by_alias=True, exclude_none=True, exclude=shape)
    for parameter, value in conditions.items():
        name, operator = parameter, "eq"
        if parameter not in columns:
            name, _, operator = parameter.rpartition("__")
        statement = statement.where(OPERATORS[operator](columns[name], value))
    wanted = query.sort.split(",") if query.sort else []
    for name in dict.fromkeys(wanted):
        column = columns[name.removeprefix("-")]
        statement = statement.order_by(column.desc() if name.startswith("-") else column)
    return statement.order_by(*model.__table__.primary_key)
