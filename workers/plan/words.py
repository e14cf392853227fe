"""Names that a database keeps for itself though SQLAlchemy does not know it.

SQLAlchemy puts the reserved words that it knows in quotes, and other names only where they look as
if they needed them. These are what came of creating a table and a column with the name of each word
that SQLite, PostgreSQL and MariaDB list, and of comparing SQL Server's list with SQLAlchemy's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from common.document.resolved import DbType, ResolvedDocument


@dataclass(frozen=True, slots=True)
class QuotedWords:
    """Words that a database of the project's has to be told to put in quotes."""

    module: str
    """Name: where the set of the words that SQLAlchemy knows is found."""
    symbol: str
    """Name: what has the set, or is it."""
    known: str
    """Expression: the set."""
    words: tuple[str, ...]
    """Text."""


_UNKNOWN: Final[tuple[tuple[DbType, QuotedWords], ...]] = (
    (
        "sqlite",
        QuotedWords(
            "sqlalchemy.dialects.sqlite.base",
            "SQLiteIdentifierPreparer",
            "SQLiteIdentifierPreparer.reserved_words",
            ("nothing", "returning"),
        ),
    ),
    (
        "postgresql",
        QuotedWords(
            "sqlalchemy.dialects.postgresql.base",
            "PGIdentifierPreparer",
            "PGIdentifierPreparer.reserved_words",
            ("collation", "concurrently", "lateral", "tablesample"),
        ),
    ),
    (
        "mysql",
        QuotedWords(
            "sqlalchemy.dialects.mysql.reserved_words",
            "RESERVED_WORDS_MARIADB",
            "RESERVED_WORDS_MARIADB",
            (
                "delete_domain_id",
                "master_demote_to_replica",
                "master_demote_to_slave",
                "portion",
                "value",
            ),
        ),
    ),
    (
        "mssql",
        QuotedWords(
            "sqlalchemy.dialects.mssql.base",
            "MSIdentifierPreparer",
            "MSIdentifierPreparer.reserved_words",
            (
                "semantickeyphrasetable",
                "semanticsimilaritydetailstable",
                "semanticsimilaritytable",
                "try_convert",
                "within",
            ),
        ),
    ),
)


def quoted_words(document: ResolvedDocument) -> tuple[QuotedWords, ...]:
    """What names of the document need quotes on its database, and on SQLite for the tests."""
    names = set(document.build_order)
    names |= {column.name for table in document.tables for column in table.columns}
    names |= {column.name for link in document.made_links for column in link.columns}
    lowered = {name.lower() for name in names}
    needed = (
        replace(unknown, words=tuple(word for word in unknown.words if word in lowered))
        for db_type, unknown in _UNKNOWN
        if db_type in {document.db_type, "sqlite"}
    )
    return tuple(each for each in needed if each.words)
