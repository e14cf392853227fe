"""A type as databases write it: `timestamp(3) without time zone`, `int(10) unsigned`."""

from __future__ import annotations

import re
from typing import Final

from workers.importing.source import SqlType

_PARTS: Final = re.compile(
    r"(?P<before>[^(\[]*)(?:\((?P<sizes>.*)\))?(?P<after>[^\[]*)(?P<array>(?:\[\d*\])*)", re.DOTALL
)
_ASIDE: Final = re.compile(
    r"\b(?:UNSIGNED|SIGNED|ZEROFILL|IDENTITY|(?:CHARACTER SET|CHARSET|COLLATE)\s+\S+)",
    re.IGNORECASE,
)
_NO_ZONE: Final = re.compile(r"\s*\bWITHOUT TIME ZONE\b", re.IGNORECASE)
_NOT_WORD: Final = re.compile(r"[^A-Z0-9]+")
_INTEGER_WORDS: Final = frozenset({"BIGINT", "INT", "INTEGER", "SMALLINT", "MEDIUMINT", "TINYINT"})


def parse_type(text: str, *, values: tuple[str, ...] = (), written: str = "") -> SqlType:
    """Name, sizes and flags of a type; `values` are those of an ENUM or a SET."""
    parts = _PARTS.fullmatch(text.strip())
    before, inner, after = (
        (parts["before"], parts["sizes"] or "", parts["after"]) if parts else (text, "", "")
    )
    flags = f"{before} {after}".upper()
    name = _NO_ZONE.sub("", _ASIDE.sub(" ", f"{before} {after}".replace('"', "")))
    name = _NOT_WORD.sub("", name.upper())
    if name == "BIGINTUNSIGNED":
        name = "BIGINT"
    if parts is not None and parts["array"]:
        return SqlType("ARRAY", written=written or text)
    sizes = tuple(int(size) for size in re.findall(r"-?\d+", inner)) if not values else ()
    return SqlType(
        name=name,
        sizes=sizes,
        values=values,
        unsigned="UNSIGNED" in flags.split(),
        written=written or text.strip(),
    )


def sqlite_type(text: str) -> SqlType:
    """A type as SQLite takes it: any words at all, of which a few syllables count."""
    parsed = parse_type(text)
    upper = text.upper()
    known = parsed.name in KNOWN
    if known or not upper.strip():
        return parsed
    for syllables, name in _AFFINITIES:
        if any(syllable in upper for syllable in syllables):
            return SqlType(name, parsed.sizes if name == "VARCHAR" else (), written=parsed.written)
    return SqlType("NUMERIC", written=parsed.written)


_AFFINITIES: Final = (
    (("INT",), "BIGINT"),
    (("CHAR", "CLOB", "TEXT"), "TEXT"),
    (("BLOB",), "BLOB"),
    (("REAL", "FLOA", "DOUB"), "DOUBLE"),
)
KNOWN: Final = _INTEGER_WORDS | frozenset(
    [
        "INT2",
        "INT4",
        "INT8",
        "TEXT",
        "CLOB",
        "BOOLEAN",
        "BOOL",
        "DATE",
        "DATETIME",
        "TIMESTAMP",
        "TIME",
        "FLOAT",
        "REAL",
        "DOUBLE",
        "DOUBLEPRECISION",
        "JSON",
        "JSONB",
        "UUID",
        "BLOB",
        "VARCHAR",
        "NVARCHAR",
        "VARYINGCHARACTER",
        "NATIVECHARACTER",
        "CHARACTERVARYING",
        "CHAR",
        "CHARACTER",
        "NCHAR",
        "NUMERIC",
        "DECIMAL",
        "BYTEA",
        "TIMESTAMPTZ",
        "INTERVAL",
        "TINYTEXT",
        "MEDIUMTEXT",
        "LONGTEXT",
        "STRING",
        "YEAR",
        "MONEY",
    ]
)
"""Names that mean the same in SQLite as elsewhere; others go by their syllables."""
