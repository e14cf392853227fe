"""SQL types as types of the document: the closest one, and what of it gets lost."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from common.document.columns import MAX_ENUM_VALUE_BYTES
from common.document.models import ColumnWord
from common.document.mysql_texts import alike
from common.document.resolved import DbType
from workers.importing.source import SqlType


@dataclass(frozen=True, slots=True)
class DocumentType:
    """A column's type in the words of the document."""

    word: ColumnWord
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    values: tuple[str, ...] = ()
    loss: str | None = None
    """What the SQL type said beyond it."""


_PLAIN: Final[dict[str, ColumnWord]] = {
    "INT": "Integer",
    "INTEGER": "Integer",
    "INT4": "Integer",
    "SERIAL": "Integer",
    "SERIAL4": "Integer",
    "MEDIUMINT": "Integer",
    "BIGINT": "BigInteger",
    "INT8": "BigInteger",
    "BIGSERIAL": "BigInteger",
    "SERIAL8": "BigInteger",
    "SMALLINT": "SmallInteger",
    "INT2": "SmallInteger",
    "SMALLSERIAL": "SmallInteger",
    "SERIAL2": "SmallInteger",
    "TEXT": "Text",
    "CLOB": "Text",
    "BOOLEAN": "Boolean",
    "BOOL": "Boolean",
    "DATE": "Date",
    "DATETIME": "DateTime",
    "DATETIME2": "DateTime",
    "TIMESTAMP": "DateTime",
    "TIMESTAMPTZ": "DateTime",
    "TIMESTAMPWITHTIMEZONE": "DateTime",
    "TIMESTAMPNTZ": "DateTime",
    "TIMESTAMPLTZ": "DateTime",
    "DATETIMEOFFSET": "DateTime",
    "TIME": "Time",
    "INTERVAL": "Interval",
    "FLOAT": "Float",
    "FLOAT4": "Float",
    "FLOAT8": "Float",
    "REAL": "Float",
    "DOUBLE": "Float",
    "DOUBLEPRECISION": "Float",
    "JSON": "JSON",
    "UUID": "UUID",
    "UNIQUEIDENTIFIER": "UUID",
    "BLOB": "LargeBinary",
    "BYTEA": "LargeBinary",
    "VARBINARY": "LargeBinary",
    "IMAGE": "LargeBinary",
}
_FIT: Final[dict[DbType, frozenset[str]]] = {
    "postgresql": frozenset({"BYTEA", "TEXT", "VARBINARY"}),
    "mysql": frozenset({"BLOB", "TEXT"}),
    "sqlite": frozenset({"BLOB", "TEXT"}),
    "mssql": frozenset({"VARBINARY", "TEXT"}),
}
_NEAR: Final[dict[str, tuple[ColumnWord, str]]] = {
    "TINYINT": ("SmallInteger", "became a SmallInteger, which holds more"),
    "UTINYINT": ("SmallInteger", "became a SmallInteger, which holds more"),
    "USMALLINT": ("Integer", "became an Integer, which holds more"),
    "UMEDIUMINT": ("Integer", "became an Integer, which holds more"),
    "UINT": ("BigInteger", "became a BigInteger, which holds more"),
    "UBIGINT": ("BigInteger", "became a BigInteger, which is signed and ends at 2^63 - 1"),
    "TINYTEXT": ("Text", "became a Text of another size"),
    "MEDIUMTEXT": ("Text", "became a Text of another size"),
    "LONGTEXT": ("Text", "became a Text of another size"),
    "NTEXT": ("Text", "became a Text"),
    "CITEXT": ("Text", "became a Text, which compares with regard for case"),
    "XML": ("Text", "became a Text"),
    "TSVECTOR": ("Text", "became a Text"),
    "TSQUERY": ("Text", "became a Text"),
    "NAME": ("Text", "became a Text"),
    "LTREE": ("Text", "became a Text"),
    "INET": ("String", "became a String"),
    "CIDR": ("String", "became a String"),
    "INET4": ("String", "became a String"),
    "INET6": ("String", "became a String"),
    "MACADDR": ("String", "became a String"),
    "MACADDR8": ("String", "became a String"),
    "HSTORE": ("JSON", "became a JSON"),
    "ARRAY": ("JSON", "became a JSON"),
    "LIST": ("JSON", "became a JSON"),
    "TIMETZ": ("Time", "became a Time, which has no zone"),
    "TIMEWITHTIMEZONE": ("Time", "became a Time, which has no zone"),
    "YEAR": ("SmallInteger", "became a SmallInteger"),
    "SMALLDATETIME": ("DateTime", "became a DateTime"),
    "TINYBLOB": ("LargeBinary", "became a LargeBinary of another size"),
    "MEDIUMBLOB": ("LargeBinary", "became a LargeBinary of another size"),
    "LONGBLOB": ("LargeBinary", "became a LargeBinary of another size"),
    "BINARY": ("LargeBinary", "became a LargeBinary"),
    "ROWVERSION": ("LargeBinary", "became a LargeBinary"),
    "GEOMETRY": ("LargeBinary", "became a LargeBinary"),
    "GEOGRAPHY": ("LargeBinary", "became a LargeBinary"),
    "OID": ("BigInteger", "became a BigInteger"),
}
_SIZED: Final[frozenset[str]] = frozenset({"TIME", "DATETIME", "TIMESTAMP", "TIMESTAMPTZ"})
_CHARACTERS: Final = frozenset(
    {
        "VARCHAR",
        "CHARACTERVARYING",
        "NVARCHAR",
        "VARCHAR2",
        "NATIVECHARACTER",
        "VARYINGCHARACTER",
        "STRING",
    }
)
_FIXED: Final = frozenset({"CHAR", "CHARACTER", "BPCHAR", "NCHAR"})
_EXACT: Final = frozenset({"NUMERIC", "DECIMAL", "DEC", "BIGDECIMAL"})
_MONEY: Final = {"MONEY": (19, 4), "SMALLMONEY": (10, 4)}
_NETWORK_LENGTH: Final = 43
"""An IPv6 address with its network, the longest of them."""
_UUID_DIGITS: Final = 32
_MAX_VALUES: Final = 100


def document_type(sql: SqlType, db_type: DbType, *, migrated: bool) -> DocumentType:
    """The closest type; `migrated` as `Source` has it."""
    name = f"U{sql.name}" if sql.unsigned and not sql.name.startswith("U") else sql.name
    name = "UINT" if name == "UINTEGER" else name
    written = sql.written or name
    if (name, sql.sizes) == ("TINYINT", (1,)):
        return DocumentType("Boolean")
    if (migrated and name in _FIXED and sql.sizes == (_UUID_DIGITS,)) or name == "JSONB":
        # A JSON column is a JSONB as soon as it is indexed
        return DocumentType("UUID" if name in _FIXED else "JSON")
    for names, read in _FAMILIES:
        if name in names:
            return read(sql, written, db_type)
    if name in _PLAIN:
        return DocumentType(_PLAIN[name], loss=_lost(name, sql.sizes, written, db_type))
    if name in _NEAR:
        word, loss = _NEAR[name]
        length = _NETWORK_LENGTH if word == "String" else None
        return DocumentType(word, length, loss=f"{written} {loss}")
    loss = f"{written}, a type that documents lack, became a Text"
    return DocumentType("Text", loss=loss if name else "a column without a type became a Text")


def _lost(name: str, sizes: tuple[int, ...], written: str, db_type: DbType) -> str | None:
    """What a plain type says that its word in the document does not."""
    losses = {
        f"the precision of {written} is not kept": (
            name in _SIZED and sizes not in {(), (6,)} and db_type != "sqlite"
        ),
        f"{written} became an Integer, which holds more": name == "MEDIUMINT",
        f"{written} became a Float of twice its digits": (
            name in {"REAL", "FLOAT4"} and db_type in {"mysql", "postgresql"}
        )
        or (name == "FLOAT" and db_type == "mysql"),
        f"{written} became a LargeBinary of any length": (
            _PLAIN[name] == "LargeBinary" and bool(sizes or name not in _FIT[db_type])
        ),
        "a time without a zone became one in UTC": (
            name in {"TIMESTAMP", "TIMESTAMPNTZ"} and db_type == "postgresql"
        ),
        "the offsets of times are not kept; they become UTC": name == "DATETIMEOFFSET",
    }
    return next((loss for loss, happened in losses.items() if happened), None)


def _string(sql: SqlType, written: str, db_type: DbType) -> DocumentType:
    sizes = sql.sizes
    if not sizes:
        return DocumentType("String" if "MAX" not in written.upper() else "Text")
    if sizes[0] < 1:
        return DocumentType("String", 1, loss=f"{written} became a String of one character")
    if db_type == "sqlite" and len(sizes) > 1:
        return DocumentType("String", sizes[0], loss=f"{written} has one size too many")
    return DocumentType("String", sizes[0])


def _fixed(sql: SqlType, written: str, _db_type: DbType) -> DocumentType:
    length = max(1, sql.sizes[0]) if sql.sizes else 1
    return DocumentType("String", length, loss=f"{written} became a String, without padding")


def _money(sql: SqlType, written: str, _db_type: DbType) -> DocumentType:
    precision, scale = _MONEY[sql.name]
    loss = f"{written} became a Numeric"
    return DocumentType("Numeric", precision=precision, scale=scale, loss=loss)


def _positive(_sql: SqlType, written: str, _db_type: DbType) -> DocumentType:
    return DocumentType("Float", loss=f"{written} became a Float, which may be negative")


def _numeric(sql: SqlType, written: str, _db_type: DbType) -> DocumentType:
    precision = sql.sizes[0] if sql.sizes else None
    scale = sql.sizes[1] if len(sql.sizes) > 1 else None
    loss = f"{written} became a Numeric, which may be negative" if sql.unsigned else None
    if precision is not None and scale is not None and not 0 <= scale <= precision:
        loss = f"{written} became a Numeric of any size"
        precision = scale = None
    return DocumentType("Numeric", precision=precision, scale=scale, loss=loss)


def _bits(sql: SqlType, written: str, db_type: DbType) -> DocumentType:
    name, sizes = sql.name, sql.sizes
    if db_type in {"mysql", "mssql"} and name == "BIT" and (not sizes or sizes == (1,)):
        loss = None if db_type == "mssql" else f"{written} became a Boolean"
        return DocumentType("Boolean", loss=loss)
    if db_type == "postgresql":
        usual = 1 if name == "BIT" else None
        length = sizes[0] if sizes else usual
        return DocumentType("String", length, loss=f"{written} became a String")
    return DocumentType("LargeBinary", loss=f"{written} became a LargeBinary")


def _chosen(sql: SqlType, _written: str, db_type: DbType) -> DocumentType:
    if sql.name == "SET":
        longest = max(1, len(",".join(sql.values)))
        return DocumentType("String", longest, loss="a SET became a String of its values")
    longest = max((len(value.encode()) for value in sql.values), default=0)
    forms = [alike(value) if db_type == "mysql" else (value,) for value in sql.values]
    distinct = all(len(set(form)) == len(forms) for form in zip(*forms, strict=True))
    if 0 < len(sql.values) <= _MAX_VALUES and longest <= MAX_ENUM_VALUE_BYTES and distinct:
        return DocumentType("Enum", values=sql.values)
    length = max((len(value) for value in sql.values), default=1)
    return DocumentType("String", max(1, length), loss="an ENUM that documents can't list")


_Read = Callable[[SqlType, str, DbType], DocumentType]
_FAMILIES: Final[tuple[tuple[Collection[str], _Read], ...]] = (
    ({"ENUM", "SET"}, _chosen),
    (_CHARACTERS, _string),
    (_FIXED, _fixed),
    (_EXACT | {f"U{name}" for name in _EXACT}, _numeric),
    (_MONEY, _money),
    ({"BIT", "VARBIT", "BITVARYING"}, _bits),
    ({"UFLOAT", "UDOUBLE", "UREAL"}, _positive),
)
"""Types whose sizes or values matter, and what reads them."""
