"""Types of columns as they are on the wire.

Their names (`Integer`, `Text`, …) are those of the project's own `app/core/fields.py`, which knows
what the database can hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from common.document.resolved import ColumnType
from workers.plan.ir import ColumnPlan

QUERY_WORDS: Final = frozenset({"limit", "offset", "sort", "include_deleted"})
"""Parameters that every list has; a column called so is filtered by `limit__eq`."""

ALIASES: Final = {
    ColumnType.INTEGER: "Integer",
    ColumnType.BIG_INTEGER: "BigInteger",
    ColumnType.SMALL_INTEGER: "SmallInteger",
    ColumnType.STRING: "Text",
    ColumnType.TEXT: "Text",
    ColumnType.BOOLEAN: "bool",
    ColumnType.DATETIME: "DateTime",
    ColumnType.DATE: "Date",
    ColumnType.TIME: "Time",
    ColumnType.INTERVAL: "Interval",
    ColumnType.NUMERIC: "Numeric",
    ColumnType.FLOAT: "Float",
    ColumnType.JSON: "Json",
    ColumnType.UUID: "Uuid",
    ColumnType.LARGE_BINARY: "Binary",
}
_KEYS: Final = {
    ColumnType.STRING: "Key",
    ColumnType.TEXT: "Key",
    ColumnType.LARGE_BINARY: "BinaryKey",
}
UNORDERED: Final = frozenset({ColumnType.JSON, ColumnType.LARGE_BINARY})
RANGED: Final = frozenset(
    {
        ColumnType.INTEGER,
        ColumnType.BIG_INTEGER,
        ColumnType.SMALL_INTEGER,
        ColumnType.NUMERIC,
        ColumnType.FLOAT,
        ColumnType.DATETIME,
        ColumnType.DATE,
        ColumnType.TIME,
        ColumnType.INTERVAL,
    }
)
TEXTS: Final = frozenset({ColumnType.STRING, ColumnType.TEXT})
FIELD_NAMES: Final = frozenset(
    {*ALIASES.values(), "BinaryKey", "Duration", "Key", "Moment", "PlainDecimal", "at_most_bytes"}
    - {"bool"}
)
"""What `app/core/fields.py` defines for schemas."""
FILTER_NAMES: Final = frozenset({"AT_LEAST", "AT_MOST", "CONTAINS", "IS_NULL", "Fragment"})
"""What `app/core/filters.py` defines for schemas."""


def type_on_wire(column: ColumnPlan) -> str:
    """The type of a column, without what bounds this one alone."""
    return column.enum.class_name if column.enum else ALIASES[column.type]


def type_in_path(column: ColumnPlan) -> str:
    """The type of a part of a primary key, which has to fit into a path."""
    return _KEYS.get(column.type) or type_on_wire(column)


def identifiers(parts: Iterable[str]) -> frozenset[str]:
    """All names in some expressions."""
    return frozenset(name for part in parts for name in re.findall(r"[A-Za-z_]\w*", part))
