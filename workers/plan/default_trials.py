"""What the columns of a new row are of which nothing was said, as the API shows it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from pydantic_core import to_jsonable_python

from common.document.resolved import ColumnType
from workers.literals import literal
from workers.plan.defaults import typed_value
from workers.plan.factories import FactoryPlan
from workers.plan.ir import ColumnPlan, ModelPlan
from workers.plan.specimens import meets

_SQLITE_DIGITS: Final = 15
"""Of a Numeric; SQLite keeps it as a float."""
_PLAIN_DEFAULTS: Final = frozenset(
    {
        ColumnType.INTEGER,
        ColumnType.BIG_INTEGER,
        ColumnType.SMALL_INTEGER,
        ColumnType.STRING,
        ColumnType.TEXT,
        ColumnType.BOOLEAN,
        ColumnType.ENUM,
        ColumnType.JSON,
    }
)
"""Types whose defaults look the same in the document and on the wire."""


def defaults_on_create(model: ModelPlan, factory: FactoryPlan) -> Iterator[tuple[str, str]]:
    """Columns that need not be sent, all at once, with what they are then."""
    told: dict[str, object] = {}
    for column in model.columns:
        tried = told | {column.name: column.default}
        if not meets(model.checks, factory.specimens, tried):
            continue
        if column.generated or column.in_foreign_key or not column.optional_on_create:
            continue
        if column.has_default and column.default_value is not None:
            if (value := _default_on_wire(column)) is not None and column.name in factory.names:
                told = tried
                yield column.name, value
        elif column.nullable:
            told = tried
            yield column.name, "None"


def _default_on_wire(column: ColumnPlan) -> str | None:
    """Expression: the default as the API shows it; None where databases may differ."""
    if column.type in _PLAIN_DEFAULTS:
        return literal(column.default)
    if column.type in {ColumnType.DATE, ColumnType.UUID}:
        return literal(to_jsonable_python(typed_value(column.type, column.default)))
    if column.type is ColumnType.NUMERIC and column.scale is not None:
        written = f"{Decimal(str(column.default)):.{column.scale}f}"
        digits = sum(character.isdigit() for character in written)
        return literal(written) if digits <= _SQLITE_DIGITS else None
    return None
