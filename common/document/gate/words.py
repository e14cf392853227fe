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
CLASSES: Final = frozenset(
    {
        *("bool", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"),
        *("Counter", "Decimal", "UUID", "chain", "date", "datetime", "time", "timedelta"),
        "timezone",
    }
)
"""Classes that may be asked for what is in them: `str.upper`, `date.today`."""
UNCHANGEABLE: Final = frozenset(
    {
        *("Decimal", "UTC", "date", "datetime", "inf", "pi", "time", "timedelta", "timezone"),
        *(name for name in MODULES["decimal"] if name.startswith("ROUND_")),
    }
)
"""What may be passed on besides builtins, as nobody can change it; the rest is only called."""
SESSION_METHODS: Final = frozenset(
    {
        *("add", "add_all", "delete", "execute", "flush", "get", "get_one", "refresh"),
        *("scalar", "scalars"),
    }
)
CHANGEABLE: Final = frozenset({"json", "statistics"})
"""Modules of functions that Python lets be changed."""
WRITING_METHODS: Final = frozenset({"add", "add_all", "delete", "flush"})
WRITING_FUNCTIONS: Final = frozenset({"delete", "insert", "update"})
_LOCKING: Final = frozenset({"options", "populate_existing", "with_for_update"})
SESSION_KEYWORDS: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(("execute", "scalar", "scalars"), frozenset({"params"})),
    **dict.fromkeys(("get", "get_one"), _LOCKING),
    "refresh": frozenset({"attribute_names", "with_for_update"}),
}
"""What the methods of the session take by name."""
KEYWORDS: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(SQL, frozenset[str]()),
    "aliased": frozenset({"flat", "name"}),
    "case": frozenset({"else_", "value"}),
    "joinedload": frozenset({"innerjoin"}),
    "selectinload": frozenset({"recursion_depth"}),
}
"""What SQLAlchemy's functions take by name."""
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
COLUMN_METHODS: Final = frozenset({"any", "filter_by", "has"})
"""Methods that take columns by their names, and nothing else by name."""
IMPLIED: Final = frozenset({"Any", "AsyncSession", "Mapping", "Session", "StdAny"})
"""What stands at the top of every module of an operation."""
RESERVED: Final = frozenset({*dir(builtins), *FREE, *FREE_MODULES, *IMPLIED, *WHOLE})
"""What nothing in a body may be called: it means something already."""


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
    reads_only: bool = False
    """Whether it may change nothing, as it is asked with GET."""


def taken_names() -> frozenset[str]:
    """What an operation and a model can't be called without hiding it from bodies."""
    return frozenset({*FREE, *FREE_MODULES, *BUILTINS, *IMPLIED, *MODULES, SESSION, "datetime"})


def model_word(class_name: str, taken: Iterable[str] = ()) -> str:
    """What a class is called in bodies: its own name, unless that is something else there."""
    reserved = {*taken_names(), *taken}
    while class_name in reserved:
        class_name += "Model"
    return class_name
