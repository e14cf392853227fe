"""What the body of an operation may name: a list for each kind of name, and nothing beside it."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

SESSION: Final = "session"
SQL: Final = frozenset(
    {
        *("and_", "asc", "case", "delete", "desc", "distinct", "exists", "func", "insert"),
        *("not_", "null", "or_", "select", "update"),
    }
)
MODULES: Final[dict[str, frozenset[str]]] = {
    "sqlalchemy": SQL,
    "sqlalchemy.orm": frozenset({"aliased", "joinedload", "selectinload"}),
    "fastapi": frozenset({"HTTPException"}),
    "http": frozenset({"HTTPStatus"}),
    "app.core.clock": frozenset({"utc_now"}),
    "collections": frozenset({"Counter", "defaultdict", "deque"}),
    "datetime": frozenset({"UTC", "date", "datetime", "time", "timedelta", "timezone"}),
    "decimal": frozenset(
        {
            *("Decimal", "ROUND_CEILING", "ROUND_DOWN", "ROUND_FLOOR", "ROUND_HALF_DOWN"),
            *("ROUND_HALF_EVEN", "ROUND_HALF_UP", "ROUND_UP"),
        }
    ),
    "itertools": frozenset(
        {
            *("accumulate", "chain", "combinations", "groupby", "islice", "pairwise"),
            *("permutations", "product", "takewhile", "zip_longest"),
        }
    ),
    "json": frozenset({"dumps", "loads"}),
    "math": frozenset(
        {
            *("ceil", "comb", "cos", "exp", "fabs", "factorial", "floor", "fsum", "gcd", "hypot"),
            *("inf", "isclose", "isfinite", "isinf", "isnan", "isqrt", "lcm", "log", "log10"),
            *("log2", "perm", "pi", "pow", "prod", "radians", "sin", "sqrt", "tan", "trunc"),
        }
    ),
    "statistics": frozenset(
        {"fmean", "mean", "median", "median_high", "median_low", "mode", "pstdev", "pvariance"}
        | {"quantiles", "stdev", "variance"}
    ),
    "uuid": frozenset({"UUID", "uuid4"}),
}
"""By module: what may be imported from it, or asked of it."""
HEAD: Final[dict[str, frozenset[str]]] = {
    "collections.abc": frozenset({"Mapping"}),
    "sqlalchemy.ext.asyncio": frozenset({"AsyncSession"}),
    "sqlalchemy.orm": frozenset({"Session"}),
    "typing": frozenset({"Any"}),
}
"""What the head of the function is written with: may be imported, but not used in the body."""
WHOLE: Final = frozenset({"datetime", "itertools", "json", "math", "statistics"})
"""Modules that may be imported as such."""
ALIASES: Final = {"dt": "datetime"}
"""Other names that modules may be imported by."""
FREE: Final = {
    **dict.fromkeys(SQL, "sqlalchemy"),
    **{
        name: module
        for module in ("sqlalchemy.orm", "fastapi", "http", "app.core.clock")
        for name in MODULES[module]
    },
    **dict.fromkeys(("Counter", "defaultdict", "deque"), "collections"),
    **dict.fromkeys(("UUID", "uuid4"), "uuid"),
    "Decimal": "decimal",
}
"""Names that are there without an import, and the modules that they are of."""
FREE_MODULES: Final = {
    "dt": "datetime",
    **{name: name for name in WHOLE if name != "datetime"},
}
"""The same for modules."""
BUILTINS: Final = frozenset(
    {
        *("abs", "all", "any", "bool", "bytes", "dict", "divmod", "enumerate", "filter", "float"),
        *("frozenset", "int", "isinstance", "iter", "len", "list", "map", "max", "min", "next"),
        *("pow", "range", "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum"),
        *("tuple", "zip"),
        *("ArithmeticError", "Exception", "IndexError", "KeyError", "LookupError"),
        *("OverflowError", "StopIteration", "TypeError", "ValueError", "ZeroDivisionError"),
    }
)
SESSION_METHODS: Final = frozenset(
    {
        *("add", "add_all", "delete", "execute", "flush", "get", "get_one", "refresh"),
        *("scalar", "scalars"),
    }
)
FUNCTIONS: Final = frozenset(
    {
        *("abs", "avg", "coalesce", "concat", "count", "dense_rank", "length", "lower", "max"),
        *("min", "now", "nullif", "rank", "replace", "round", "row_number", "substr", "sum"),
        *("trim", "upper"),
    }
)
"""Functions of databases: `func.count`."""
MODEL_PLACES: Final = frozenset({"aliased", "delete", "exists", "insert", "select", "update"})
"""What may be called with a model."""
MODEL_METHODS: Final = frozenset(
    {"correlate", "join", "join_from", "outerjoin", "outerjoin_from", "returning", "select_from"}
)
"""Methods that may be."""
IMPLIED: Final = frozenset({"Any", "AsyncSession", "Mapping", "Session", "StdAny"})
"""What stands at the top of every module of an operation."""
RESERVED: Final = frozenset({*dir(builtins), *FREE, *FREE_MODULES, *IMPLIED, *WHOLE})
"""What nothing in a body may be called: it means something already."""

ATTRIBUTES: Final = frozenset(
    {
        # rows and results
        *("all", "first", "fetchall", "fetchone", "mappings", "one", "one_or_none", "rowcount"),
        *("scalar", "scalar_one", "scalar_one_or_none", "scalars", "tuples", "unique"),
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
        "UTC",
        # lists, sets and mappings
        *("add", "append", "appendleft", "clear", "copy", "difference", "discard", "elements"),
        *("extend", "get", "insert", "intersection", "isdisjoint", "issubset", "issuperset"),
        *("items", "keys", "most_common", "pop", "popitem", "popleft", "remove", "reverse"),
        *("setdefault", "sort", "symmetric_difference", "total", "update"),
        # members of enums, and of what was raised
        *("args", "detail", "name", "status_code", "value"),
        *(member for module in WHOLE for member in MODULES[module]),
    }
)
"""What may be asked of anything; columns, relationships and labels come on top."""
DENIED: Final = frozenset(
    {
        # ways out of a value into the machinery behind it
        *("ag_await", "ag_code", "ag_frame", "cr_await", "cr_code", "cr_frame", "cr_origin"),
        *("f_back", "f_builtins", "f_code", "f_globals", "f_locals", "f_trace", "format"),
        *("format_map", "gi_code", "gi_frame", "gi_yieldfrom", "mro", "tb_frame", "tb_next"),
        *("with_traceback",),
        # the same for SQLAlchemy, and what takes SQL as text
        *("bind", "bool_op", "class_", "column_descriptions", "commit", "comparator", "compile"),
        *("custom_op", "dispatch", "exec_driver_sql", "execution_options", "from_statement"),
        *("get_bind", "identity_map", "mapper", "metadata", "op", "prefix_with", "registry"),
        *("rollback", "run_sync", "suffix_with", "sync_connection", "sync_engine"),
        *("sync_session", "with_hint", "with_statement_hint"),
    }
)
"""What may not, whatever a column or a label is called; a model may be asked for such a column."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a document adds to the lists."""

    models: frozenset[str]
    """Classes and enums of `app.models`, and tables that nobody declared."""
    attributes: frozenset[str]
    """Columns and relationships."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The one function that a body fills."""

    name: str
    inputs: tuple[str, ...]
    """What it takes by name, besides the session."""
    returns: str | None
    """The class of what it returns; None where it returns nothing."""
    asynchronous: bool


def taken_names() -> frozenset[str]:
    """What an operation and a model can't be called without hiding it from bodies."""
    return frozenset({*FREE, *FREE_MODULES, *BUILTINS, *IMPLIED, *MODULES, SESSION, "datetime"})


def model_word(class_name: str, taken: Iterable[str] = ()) -> str:
    """What a class is called in bodies: its own name, unless that is something else there."""
    reserved = {*taken_names(), *taken}
    while class_name in reserved:
        class_name += "Model"
    return class_name
