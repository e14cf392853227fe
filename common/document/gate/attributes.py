"""What may be asked of things in a body: a list of attributes, and which columns join it."""

from __future__ import annotations

from typing import Final

from common.document.gate.machinery import MACHINERY

ATTRIBUTES: Final = frozenset(
    {
        # rows and results
        *("all", "first", "fetchall", "fetchone", "mappings", "one", "one_or_none", "rowcount"),
        *("scalar", "scalar_one", "scalar_one_or_none", "scalars", "unique"),
        # statements
        *("alias", "asc", "c", "correlate", "cte", "desc", "distinct", "except_", "exists"),
        *("filter", "filter_by", "from_select", "group_by", "having", "intersect", "join"),
        *("join_from", "label", "limit", "nulls_first", "nulls_last", "offset", "options"),
        *("order_by", "outerjoin", "outerjoin_from", "over", "returning", "scalar_subquery"),
        *("select_from", "subquery", "union", "union_all", "values", "where", "with_for_update"),
        # conditions
        *("any", "between", "contains", "endswith", "has", "icontains", "ilike", "in_", "is_"),
        *("is_distinct_from", "is_not", "is_not_distinct_from", "like", "not_ilike", "not_in"),
        *("not_like", "of_type", "startswith", "joinedload", "selectinload", "else_"),
        # texts
        *("capitalize", "casefold", "count", "decode", "encode", "find", "index", "isalnum"),
        *("isalpha", "isascii", "isdecimal", "isdigit", "islower", "isnumeric", "isspace"),
        *("isupper", "ljust", "lower", "lstrip", "partition", "removeprefix", "removesuffix"),
        *("replace", "rfind", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines"),
        *("strip", "swapcase", "title", "upper", "zfill", "hex"),
        # numbers
        *("as_integer_ratio", "bit_length", "compare", "copy_abs", "is_finite", "is_integer"),
        *("is_nan", "is_zero", "max", "min", "normalize", "quantize", "remainder_near", "sqrt"),
        *("to_integral_value",),
        # moments
        *("astimezone", "combine", "date", "datetime", "day", "days", "fromisocalendar"),
        *("fromisoformat", "fromtimestamp", "hour", "isocalendar", "isoformat", "isoweekday"),
        *("microsecond", "microseconds", "minute", "month", "now", "resolution", "second"),
        *("seconds", "strftime", "strptime", "time", "timedelta", "timestamp", "timetz"),
        *("timezone", "today", "total_seconds", "tzinfo", "utc", "utcoffset", "weekday", "year"),
        # lists, sets and mappings
        *("add", "append", "appendleft", "clear", "copy", "difference", "discard", "elements"),
        *("extend", "get", "insert", "intersection", "isdisjoint", "issubset", "issuperset"),
        *("items", "keys", "most_common", "pop", "popitem", "popleft", "remove", "reverse"),
        *("setdefault", "sort", "symmetric_difference", "total", "update"),
        *("difference_update", "from_iterable", "fromkeys", "intersection_update", "subtract"),
        # members of enums, and of what was raised
        *("args", "detail", "name", "status_code", "value"),
    }
)
"""What may be asked of anything; columns and relationships come on top."""
PLAIN: Final = frozenset(
    {
        *("batch", "begin", "closed", "code", "comment", "data", "deleted", "description"),
        *("driver", "end", "expired", "filename", "group", "identity", "info"),
        *("is_active", "key", "length", "manager", "message"),
        *("modified", "new", "object", "original", "parent", "path", "pending", "query"),
        *("reason", "rows", "size", "start", "statement", "status", "table"),
        *("text", "type", "url"),
    }
)
"""Columns that are often called so; what SQLAlchemy has by these names leads nowhere."""


def is_readable(name: str, columns: frozenset[str]) -> bool:
    """Whether anything at all may be asked for `name`, where tables have these `columns`.

    A column that is called like a part of SQLAlchemy's or Python's machinery may not: nobody can
    tell a row from what else has an attribute of that name.
    """
    return name in ATTRIBUTES or is_settable(name, columns)


def is_settable(name: str, columns: frozenset[str]) -> bool:
    """Whether `name` may be given a value on a row."""
    return name in columns and (name not in MACHINERY or name in PLAIN or name in ATTRIBUTES)
