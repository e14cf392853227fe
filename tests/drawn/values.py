"""Columns of every type, and values that they can hold, drawn at random."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

Json = dict[str, Any]

WORDS: Final = [
    "name", "title", "code", "amount", "class", "from", "order", "select", "metadata", "registry",
    "model_config", "json", "copy", "self", "session", "body", "query", "limit", "sort", "import",
    "None", "true", "Name_2", "_hidden", "user", "group", "key", "value", "response", "id_2", "sa",
    "created_at", "x" * 63, "include_deleted", "schema", "validate", "type", "str", "offset",
]  # fmt: skip
"""Names of columns: ordinary ones, keywords, and what libraries and our own code keep."""
TABLES: Final = [
    "users", "posts", "class", "order", "base", "enums", "user_posts", "data", "news", "tests",
    "select", "column_types", "router", "index", "a" * 63, "_odd", "int", "x2", "alembic", "app",
    "table", "status", "page", "main",
]  # fmt: skip
TEXTS: Final = ["", "plain", 'it\'s "so"', "\\n %s {x}", "ü 日本", "--", "$1", "<b>", "'''", '"""']
ENUM_VALUES: Final = [
    "small", "large", "in progress", "won't", "2nd", "class", "+", "++", "-", "日本", "None", "mro",
    "name", "x" * 63, "%s", '"""', "\\",
]  # fmt: skip
PLAIN: Final = [
    "Integer", "BigInteger", "SmallInteger", "String", "Text", "Boolean", "DateTime", "Date",
    "Time", "Interval", "Numeric", "Float", "Enum", "JSON", "UUID", "LargeBinary",
]  # fmt: skip
KEYS: Final = [
    "Integer",
    "BigInteger",
    "SmallInteger",
    "String",
    "UUID",
    "Date",
    "DateTime",
    "Enum",
]
UNIQUE: Final = {*KEYS, "Numeric", "Time"}
"""Types that may be unique and indexed on every database."""


def described() -> st.SearchStrategy[str | None]:
    """A description, or none."""
    return st.none() | st.sampled_from([text for text in TEXTS if text])


@st.composite
def typed(draw: st.DrawFn, kinds: list[str] | None = None) -> Json:
    """A type with what belongs to it."""
    kind = draw(st.sampled_from(kinds or PLAIN))
    column: Json = {"type": kind}
    if kind == "String":
        column["length"] = draw(st.sampled_from([1, 20, 255]))
    elif kind == "Numeric" and draw(st.booleans()):
        column["precision"] = draw(st.integers(2, 18))
        column["scale"] = draw(st.integers(0, column["precision"]))
    elif kind == "Enum":
        values = st.lists(st.sampled_from(ENUM_VALUES), min_size=1, max_size=4, unique=True)
        column["values"] = draw(values)
    return column


def defaults(column: Json) -> st.SearchStrategy[Any]:
    """Values that a column of that type can hold."""
    length = column.get("length") or 100
    digits = column.get("precision", 4) - column.get("scale", 2)
    largest = 10 ** min(digits, 6) - 1
    return {
        "Integer": st.sampled_from([0, -1, 2**31 - 1]),
        "BigInteger": st.sampled_from([7, -(2**63), 2**63 - 1]),
        "SmallInteger": st.sampled_from([0, -(2**15)]),
        "String": st.sampled_from([text for text in TEXTS if len(text) <= length]),
        "Text": st.sampled_from(TEXTS),
        "Boolean": st.booleans(),
        "DateTime": st.sampled_from(["2026-01-31T12:30:00Z", "1999-12-31 23:59:59.5"]),
        "Date": st.sampled_from(["2026-02-28", "1970-01-01"]),
        "Time": st.sampled_from(["08:30", "23:59:59.25"]),
        "Interval": st.sampled_from(["P1DT12H", "-PT20M", "PT0.5S"]),
        "Numeric": st.sampled_from([0, str(largest), f"-{largest}"]),
        "Float": st.sampled_from([0.5, -1, 1e10]),
        "Enum": st.sampled_from(column.get("values", [""])),
        "JSON": st.sampled_from([{}, [], {"a": [1, None, "x'"]}, 0, False, "text"]),
        "UUID": st.just("00000000-0000-4000-8000-00000000000a"),
        "LargeBinary": st.sampled_from(["", "AAEC"]),
    }[column["type"]]


@st.composite
def conditions(draw: st.DrawFn, column: Json) -> str | None:
    """A condition about a column that rows can keep, or none where its type has no room for one."""
    name = f'"{column["name"]}"'
    possible = {
        "Integer": ["{} >= 0", "{} between 1 and 9", "{} != 3 or {} is null"],
        "SmallInteger": ["not ({} < 1)"],
        "Numeric": ["{} >= 0 and {} <> 5", "{} in (0, 1, 2)"],
        "Float": ["{} > -0.5"],
        "Text": ["{} != 'it''s'"],
        "Boolean": ["{} = true or {} = false"],
        "Date": ["{} >= '2020-01-01'"],
        "JSON": ["{} is not null"],
    }.get(column["type"])
    if possible is None or (column["type"] == "Numeric" and "precision" in column):
        return None
    return draw(st.sampled_from(possible)).replace("{}", name)
