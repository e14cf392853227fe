"""Which SQL types stand for a type of the document, on each engine that a check can run on."""

from __future__ import annotations

from typing import Final

from workers.checks.expected import ExpectedColumn
from workers.checks.found import FoundColumn

_SQLITE: Final[dict[str, frozenset[str]]] = {
    "Integer": frozenset({"INTEGER"}),
    "BigInteger": frozenset({"BIGINT"}),
    "SmallInteger": frozenset({"SMALLINT"}),
    "String": frozenset({"VARCHAR"}),
    "Text": frozenset({"TEXT"}),
    "Boolean": frozenset({"BOOLEAN"}),
    "DateTime": frozenset({"DATETIME", "TIMESTAMP"}),
    "Date": frozenset({"DATE"}),
    "Time": frozenset({"TIME"}),
    # SQLite has no intervals: SQLAlchemy keeps them as the time since an epoch
    "Interval": frozenset({"DATETIME"}),
    "Numeric": frozenset({"NUMERIC", "DECIMAL"}),
    "Float": frozenset({"FLOAT", "REAL", "DOUBLE", "DOUBLE_PRECISION"}),
    "Enum": frozenset({"VARCHAR"}),
    "JSON": frozenset({"JSON"}),
    "UUID": frozenset({"CHAR"}),
    "LargeBinary": frozenset({"BLOB"}),
}
_POSTGRESQL: Final[dict[str, frozenset[str]]] = {
    "Integer": frozenset({"INTEGER"}),
    "BigInteger": frozenset({"BIGINT"}),
    "SmallInteger": frozenset({"SMALLINT"}),
    "String": frozenset({"VARCHAR"}),
    "Text": frozenset({"TEXT"}),
    "Boolean": frozenset({"BOOLEAN"}),
    "DateTime": frozenset({"TIMESTAMP"}),
    "Date": frozenset({"DATE"}),
    "Time": frozenset({"TIME"}),
    "Interval": frozenset({"INTERVAL"}),
    "Numeric": frozenset({"NUMERIC"}),
    "Float": frozenset({"DOUBLE_PRECISION"}),
    "Enum": frozenset({"ENUM"}),
    "JSON": frozenset({"JSON", "JSONB"}),
    "UUID": frozenset({"UUID"}),
    "LargeBinary": frozenset({"BYTEA"}),
}
_MYSQL: Final[dict[str, frozenset[str]]] = {
    "Integer": frozenset({"INTEGER"}),
    "BigInteger": frozenset({"BIGINT"}),
    "SmallInteger": frozenset({"SMALLINT"}),
    "String": frozenset({"VARCHAR"}),
    "Text": frozenset({"TEXT", "MEDIUMTEXT", "LONGTEXT"}),
    "Boolean": frozenset({"TINYINT"}),
    "DateTime": frozenset({"DATETIME"}),
    "Date": frozenset({"DATE"}),
    "Time": frozenset({"TIME"}),
    # As on SQLite: the time since an epoch
    "Interval": frozenset({"DATETIME"}),
    "Numeric": frozenset({"NUMERIC", "DECIMAL"}),
    "Float": frozenset({"DOUBLE", "DOUBLE_PRECISION"}),
    "Enum": frozenset({"ENUM"}),
    # MariaDB keeps it as a text that is checked
    "JSON": frozenset({"JSON", "LONGTEXT"}),
    "UUID": frozenset({"CHAR", "UUID"}),
    "LargeBinary": frozenset({"BLOB", "MEDIUMBLOB", "LONGBLOB"}),
}
_TYPES: Final = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL, "mysql": _MYSQL}
_INTEGERS: Final = frozenset({"Integer", "BigInteger", "SmallInteger"})
_UUID_LENGTHS: Final = (32, 36)
_MYSQL_LONGEST_STRING: Final = 16_383
_MYSQL_TEXT_BYTES: Final = {"TEXT": 2**16 - 1, "MEDIUMTEXT": 2**24 - 1, "LONGTEXT": 2**32 - 1}
_BYTES_A_CHARACTER: Final = 4
# Databases that can't create or index a string without a length, and the length it then has
_NEEDS_LENGTH: Final = frozenset({"mysql", "mssql"})
_USUAL_LENGTH: Final = 255


def type_fault(
    expected: ExpectedColumn, found: FoundColumn, *, engine: str, db_type: str
) -> str | None:
    """What is wrong with the type of a column, or None."""
    kinds = _TYPES[engine][expected.type]
    if expected.counted and expected.type in _INTEGERS and engine == "sqlite":
        # SQLite counts up columns of exactly this type and no other
        kinds |= {"INTEGER"}
    if expected.type == "String" and _too_wide(expected, db_type):
        kinds |= _wide_texts(expected.length or 0) if engine == "mysql" else {"TEXT"}
    if found.type not in kinds:
        return f"is {_sql(found)}, not {' or '.join(sorted(kinds))} for {expected.type}"
    if expected.type == "DateTime" and engine == "postgresql" and not found.zoned:
        return "has no time zone"
    if found.type == "ENUM" and tuple(found.values) != expected.values:
        return f"has the values {found.values}, not {list(expected.values)}"
    return _length_fault(expected, found, db_type) or _digits_fault(expected, found)


def _length_fault(expected: ExpectedColumn, found: FoundColumn, db_type: str) -> str | None:
    match expected.type:
        case "String":
            wanted = {expected.length}
            if expected.length is None and db_type in _NEEDS_LENGTH:
                wanted = {None, _USUAL_LENGTH}
            if found.length not in wanted and found.type not in _MYSQL_TEXT_BYTES:
                return f"has length {found.length}, not {expected.length}"
        case "Enum":
            longest = max(len(value) for value in expected.values)
            if found.length is not None and found.length < longest:
                return f"has length {found.length}, but a value has {longest} characters"
        case "UUID":
            if found.type != "UUID" and found.length not in _UUID_LENGTHS:
                return f"has length {found.length}, which no UUID has"
    return None


def _digits_fault(expected: ExpectedColumn, found: FoundColumn) -> str | None:
    if expected.type != "Numeric" or expected.precision is None:
        return None
    wanted = (expected.precision, expected.scale or 0)
    has = (found.precision, found.scale or 0)
    return None if has == wanted else f"is {_sql(found)}, not NUMERIC{wanted}"


def _too_wide(expected: ExpectedColumn, db_type: str) -> bool:
    return db_type == "mysql" and (expected.length or 0) > _MYSQL_LONGEST_STRING


def _wide_texts(length: int) -> set[str]:
    """The types of MySQL without a length of their own that hold so many characters."""
    needed = _BYTES_A_CHARACTER * length
    return {name for name, held in _MYSQL_TEXT_BYTES.items() if held >= needed}


def _sql(found: FoundColumn) -> str:
    sizes = [size for size in (found.length, found.precision, found.scale) if size is not None]
    return f"{found.type}({', '.join(map(str, sizes))})" if sizes else found.type
