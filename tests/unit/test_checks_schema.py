"""The comparison of a database with its document sees each kind of difference."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from common.document.models import ProjectDocument
from workers.checks.default_values import default_fault
from workers.checks.expected import ExpectedColumn
from workers.checks.found import FoundColumn, FoundDatabase
from workers.checks.schema import differences
from workers.sandbox.inside.tasks.reflecting import read_tables

DOCUMENT: dict[str, Any] = {
    "project_name": "library",
    "db_type": "sqlite",
    "schema": [
        {
            "table_name": "authors",
            "class_name": "Author",
            "columns": [
                {"name": "id", "type": "BigInteger", "primary_key": True, "autoincrement": True},
                {"name": "code", "type": "String", "length": 8, "unique": True, "nullable": False},
                {"name": "kind", "type": "Enum", "values": ["poet", "novelist"]},
            ],
            "relationships": [
                {"target_table": "prizes", "target_class": "Prize", "type": "many_to_many"}
            ],
        },
        {
            "table_name": "books",
            "class_name": "Book",
            "options": {"use_timestamps": True, "use_soft_delete": True},
            "columns": [
                {"name": "id", "type": "UUID", "primary_key": True},
                {
                    "name": "author_code",
                    "type": "ForeignKey",
                    "target": "authors.code",
                    "on_delete": "SET NULL",
                },
                {"name": "title", "type": "String", "length": 80, "nullable": False},
                {"name": "blurb", "type": "Text", "default": "it's"},
                {"name": "price", "type": "Numeric", "precision": 10, "scale": 2, "default": 1.5},
                {"name": "pages", "type": "SmallInteger", "index": True},
                {"name": "weight", "type": "Float"},
                {"name": "printed", "type": "Boolean", "default": False},
                {"name": "published", "type": "Date", "default": "2020-01-31"},
                {"name": "seen", "type": "DateTime", "default": "2020-01-31T12:00:00Z"},
                {"name": "opens", "type": "Time", "default": "08:30:00"},
                {"name": "loan", "type": "Interval", "default": "P1D"},
                {"name": "extra", "type": "JSON", "default": {"a": [1]}},
                {"name": "cover", "type": "LargeBinary"},
            ],
            "unique": [["author_code", "title"]],
            "indexes": [["title", "price"]],
            "checks": ["price >= 0 and (pages > 0 or pages is null)"],
        },
        {
            "table_name": "prizes",
            "class_name": "Prize",
            "columns": [
                {"name": "year", "type": "Integer", "primary_key": True},
                {"name": "name", "type": "String", "length": 20, "primary_key": True},
            ],
        },
        {
            "table_name": "awards",
            "class_name": "Award",
            "columns": [
                {"name": "id", "type": "Integer", "primary_key": True, "autoincrement": True},
                {"name": "year", "type": "Integer"},
                {"name": "name", "type": "String", "length": 20},
            ],
            "foreign_keys": [
                {
                    "columns": ["year", "name"],
                    "target_table": "prizes",
                    "target_columns": ["year", "name"],
                    "on_delete": "CASCADE",
                }
            ],
        },
    ],
}
SQL = """
CREATE TABLE authors (
    id INTEGER NOT NULL,
    code VARCHAR(8) NOT NULL,
    kind VARCHAR(8),
    PRIMARY KEY (id),
    UNIQUE (code)
);
CREATE TABLE books (
    id CHAR(32) NOT NULL,
    author_code VARCHAR(8),
    title VARCHAR(80) NOT NULL,
    blurb TEXT DEFAULT 'it''s',
    price NUMERIC(10, 2) DEFAULT 1.50,
    pages SMALLINT,
    weight FLOAT,
    printed BOOLEAN DEFAULT 0,
    published DATE DEFAULT '2020-01-31',
    seen DATETIME DEFAULT '2020-01-31 12:00:00',
    opens TIME DEFAULT '08:30:00',
    loan DATETIME DEFAULT '1970-01-02 00:00:00.000000',
    extra JSON DEFAULT '{"a": [1]}',
    cover BLOB,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at DATETIME DEFAULT (CURRENT_TIMESTAMP) NOT NULL,
    is_deleted BOOLEAN DEFAULT 0 NOT NULL,
    deleted_at DATETIME,
    PRIMARY KEY (id),
    CONSTRAINT fk_books FOREIGN KEY(author_code) REFERENCES authors (code) ON DELETE SET NULL,
    CONSTRAINT uq_books UNIQUE (author_code, title),
    CONSTRAINT ck_books CHECK ("price" >= 0 AND ("pages" > 0 OR "pages" IS NULL))
);
CREATE INDEX ix_books_pages ON books (pages);
CREATE INDEX ix_books_title_price ON books (title, price);
CREATE TABLE prizes (
    year INTEGER NOT NULL,
    name VARCHAR(20) NOT NULL,
    PRIMARY KEY (year, name)
);
CREATE TABLE awards (
    id INTEGER NOT NULL,
    year INTEGER,
    name VARCHAR(20),
    PRIMARY KEY (id),
    FOREIGN KEY(year, name) REFERENCES prizes (year, name) ON DELETE CASCADE
);
CREATE TABLE authors_prizes (
    author_id BIGINT NOT NULL,
    prize_year INTEGER NOT NULL,
    prize_name VARCHAR(20) NOT NULL,
    PRIMARY KEY (author_id, prize_year, prize_name),
    FOREIGN KEY(author_id) REFERENCES authors (id) ON DELETE CASCADE,
    FOREIGN KEY(prize_year, prize_name) REFERENCES prizes (year, name) ON DELETE CASCADE
);
CREATE INDEX ix_links ON authors_prizes (prize_year, prize_name);
"""


def compare(sql: str, document: dict[str, Any] | None = None) -> list[str]:
    """What differs between the database that `sql` makes and the document."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        for statement in sql.split(";"):
            connection.exec_driver_sql(statement)
        tables = read_tables(sa.inspect(connection))
    engine.dispose()
    found = FoundDatabase.model_validate({"engine": "sqlite", "tables": tables})
    return differences(ProjectDocument.model_validate(document or DOCUMENT), found)


def changed(**members: object) -> dict[str, Any]:
    """The document with other members at its top."""
    copy: dict[str, Any] = json.loads(json.dumps(DOCUMENT))
    return copy | members


def test_a_database_that_is_as_the_document_says_has_no_difference() -> None:
    assert compare(SQL) == []


SEEDED = [
    ("cover BLOB,", "", "books: column cover is missing"),
    ("cover BLOB,", "cover BLOB, added TEXT,", "books: column added is not in the document"),
    ("pages SMALLINT", "pages INTEGER", "books: column pages is INTEGER, not SMALLINT for SmallI"),
    ("seen DATETIME", "seen DATE", "books: column seen is DATE, not DATETIME or TIMESTAMP"),
    ("title VARCHAR(80)", "title VARCHAR(79)", "books: column title has length 79, not 80"),
    ("title VARCHAR(80)", "title VARCHAR", "books: column title has length None, not 80"),
    ("author_code VARCHAR(8)", "author_code VARCHAR(9)", "author_code has length 9, not 8"),
    ("author_code VARCHAR(8)", "author_code INTEGER", "author_code is INTEGER, not VARCHAR"),
    ("kind VARCHAR(8)", "kind VARCHAR(5)", "length 5, but a value has 8 characters"),
    ("id CHAR(32)", "id CHAR(16)", "books: column id has length 16, which no UUID has"),
    ("NUMERIC(10, 2)", "NUMERIC(10, 3)", "price is NUMERIC(10, 3), not NUMERIC(10, 2)"),
    ("NUMERIC(10, 2)", "NUMERIC", "price is NUMERIC, not NUMERIC(10, 2)"),
    ("title VARCHAR(80) NOT NULL", "title VARCHAR(80)", "books: column title may be null"),
    ("pages SMALLINT", "pages SMALLINT NOT NULL", "books: column pages must not be null"),
    ("'it''s'", "'its'", "blurb defaults to 'its', not \"it's\""),
    (" DEFAULT 'it''s'", "", 'blurb has no default, not "it\'s"'),
    ("pages SMALLINT", "pages SMALLINT DEFAULT 1", "pages defaults to 1, but the document has no"),
    ("DEFAULT 1.50", "DEFAULT 1.51", "price defaults to 1.51, not 1.5"),
    ("printed BOOLEAN DEFAULT 0", "printed BOOLEAN DEFAULT 1", "printed defaults to 1, not false"),
    ("'2020-01-31',", "'2020-02-01',", "published defaults to '2020-02-01'"),
    ("31 12:00:00", "31 13:00:00", "seen defaults to '2020-01-31 13:00:00'"),
    ("'08:30:00'", "'08:30:01'", "opens defaults to '08:30:01'"),
    ("01-02 00", "01-02 01", "loan defaults to '1970-01-02 01:00:00.000000'"),
    ('{"a": [1]}', '{"a": [2]}', "extra defaults to '{\"a\": [2]}'"),
    ('\'{"a": [1]}\'', "nonsense", "extra defaults to nonsense"),
    ("DEFAULT CURRENT_TIMESTAMP", "", "created_at defaults to nothing, not to the present"),
    ("is_deleted BOOLEAN DEFAULT 0", "is_deleted BOOLEAN", "is_deleted has no default"),
    ("PRIMARY KEY (year, name)", "PRIMARY KEY (year)", "prizes: the primary key is ['year'], not"),
    ("UNIQUE (code)", "UNIQUE (code, id)", "authors: unique (code) is missing"),
    (",\n    UNIQUE (code)", ", UNIQUE (code), UNIQUE (kind)", "unique (kind) is not in the doc"),
    ("UNIQUE (author_code, title)", "UNIQUE (title)", "unique (author_code, title) is missing"),
    ("SET NULL", "CASCADE", "books: foreign key (author_code) to authors(code) on delete SET NULL"),
    (" ON DELETE SET NULL", "", "authors(code) on delete NO ACTION is not in the document"),
    ("REFERENCES authors (code)", "REFERENCES authors (id)", "(author_code) to authors(code)"),
    ("prizes (year, name) ON DELETE CASCADE\n);\nCREATE TABLE authors_p",
     "prizes (year, name)\n);\nCREATE TABLE authors_p", "(name, year) to prizes(name, year)"),
    ("CREATE INDEX ix_books_pages ON books (pages);", "", "books: index (pages) is missing"),
    ("books (title, price)", "books (price, title)", "books: index (title, price) is missing"),
    ("ON books (pages);", "ON books (pages); CREATE INDEX x ON books (weight);",
     "books: index (weight) is not in the document"),
    ('"price" >= 0', '"price" > 0', "books: check price >= 0 and (pages > 0 or p"),
    ('CHECK ("price" >= 0', 'CHECK (weight > 0), CHECK ("price" >= 0', "check weight > 0 is not"),
    ("TABLE prizes (", "TABLE trophies (", "prizes: the table is missing"),
    ("CREATE TABLE prizes", "CREATE TABLE other (id INTEGER); CREATE TABLE prizes",
     "other: the table is not in the document"),
    ("author_id BIGINT NOT NULL", "author_id BIGINT", "authors_prizes: column author_id may"),
    ("REFERENCES authors (id) ON DELETE CASCADE", "REFERENCES authors (id)",
     "authors_prizes: foreign key (author_id) to authors(id) on delete NO ACTION does not cas"),
    ("ON authors_prizes (prize_year, prize_name)", "ON authors_prizes (prize_year)",
     "authors_prizes: index (prize_year, prize_name) is missing"),
    ("ON authors_prizes (prize_year, prize_name)", "ON authors_prizes (prize_name)",
     "authors_prizes: index (prize_name) is of no foreign key"),
    ("(author_id, prize_year, prize_name)", "(author_id)", "authors_prizes: the primary key is"),
]  # fmt: skip


@pytest.mark.parametrize(("was", "becomes", "difference"), SEEDED)
def test_a_seeded_difference_is_found(was: str, becomes: str, difference: str) -> None:
    assert was in SQL
    assert difference in "\n".join(compare(SQL.replace(was, becomes, 1)))


def test_a_missing_link_is_found() -> None:
    sql = SQL[: SQL.index("CREATE TABLE authors_prizes")]
    assert compare(sql) == ["a table between authors and prizes is missing"]


def test_a_link_by_another_name_than_asked_for_is_found() -> None:
    document = changed()
    document["schema"][0]["relationships"][0]["secondary"] = "honours"
    assert compare(SQL, document) == [
        "authors_prizes: the table is not in the document",
        "honours between authors and prizes is missing",
    ]


def test_an_added_key_may_have_any_name_but_must_be_one_column() -> None:
    document = changed(
        schema=[{"table_name": "logs", "class_name": "Log",
                 "columns": [{"name": "line", "type": "Text"}]}],
        options={"add_missing_primary_keys": True},
    )  # fmt: skip
    assert compare("CREATE TABLE logs (id INTEGER NOT NULL PRIMARY KEY, line TEXT)", document) == []
    assert compare("CREATE TABLE logs (line TEXT)", document) == [
        "logs: the added primary key is []"
    ]
    assert compare("CREATE TABLE logs (line TEXT, more TEXT)", document) == [
        "logs: column more is not in the document",
        "logs: the added primary key is []",
    ]


def test_a_one_to_one_may_be_held_by_the_database() -> None:
    document = changed(
        schema=[
            {"table_name": "a", "class_name": "A", "columns": [
                {"name": "id", "type": "Integer", "primary_key": True}]},
            {"table_name": "b", "class_name": "B", "columns": [
                {"name": "id", "type": "Integer", "primary_key": True},
                {"name": "a_id", "type": "ForeignKey", "target": "a.id"}]},
        ],
    )  # fmt: skip
    sql = """
        CREATE TABLE a (id INTEGER NOT NULL PRIMARY KEY);
        CREATE TABLE b (
            id INTEGER NOT NULL PRIMARY KEY, a_id INTEGER UNIQUE REFERENCES a (id)
        )"""
    assert compare(sql, document) == ["b: unique (a_id) is not in the document"]
    document["schema"][0]["relationships"] = [
        {"target_table": "b", "target_class": "B", "type": "one_to_one"}
    ]
    assert compare(sql, document) == []


def test_values_of_an_enumeration_may_be_held_by_a_check() -> None:
    sql = SQL.replace("UNIQUE (code)", "UNIQUE (code), CHECK (kind IN ('poet', 'novelist'))")
    assert compare(sql) == []
    sql = SQL.replace("UNIQUE (code)", "UNIQUE (code), CHECK (kind IN ('poet'))")
    assert compare(sql) == ["authors: check kind IN ('poet') is not in the document"]


def test_a_string_may_have_a_usual_length_where_the_database_needs_one() -> None:
    document = changed(db_type="mysql")
    del document["schema"][1]["columns"][2]["length"]
    sql = SQL.replace("title VARCHAR(80)", "title VARCHAR(255)")
    sql = sql.replace("blurb TEXT DEFAULT 'it''s'", "blurb TEXT")
    sql = sql.replace("extra JSON DEFAULT '{\"a\": [1]}'", "extra JSON")
    assert compare(sql, document) == []
    assert "title has length 255, not None" in str(compare(sql, document | {"db_type": "sqlite"}))


USERS = """
CREATE TABLE {name} (
    id CHAR(32) NOT NULL,
    username VARCHAR(150) NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    is_active BOOLEAN DEFAULT 1 NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (username)
);
"""


@pytest.mark.parametrize(
    ("table_name", "class_name", "users"),
    [
        ("users", "User", "auth_users"),
        ("auth_users", "Visitor", "auth_users_2"),
        ("visitors", "AuthUser", "auth_users_2"),
    ],
)
def test_users_are_expected_where_they_are_asked_for(
    table_name: str, class_name: str, users: str
) -> None:
    own = {
        "table_name": table_name,
        "class_name": class_name,
        "columns": [{"name": "id", "type": "Integer", "primary_key": True, "autoincrement": True}],
    }
    document = {**DOCUMENT, "schema": [own], "options": {"auth": "jwt"}}
    sql = f"CREATE TABLE {table_name} (id INTEGER NOT NULL, PRIMARY KEY (id));\n"
    assert compare(sql + USERS.format(name=users), document) == []
    assert compare(sql, document) == [f"{users}: the table is missing"]
    longer = USERS.format(name=users).replace("UNIQUE (username)", "UNIQUE (password_hash)")
    assert len(compare(sql + longer, document)) == 2
    without = document | {"options": {}}
    assert f"{users}: the table is not in the document" in compare(
        sql + USERS.format(name=users), without
    )


RING: dict[str, Any] = {
    "project_name": "ring",
    "db_type": "sqlite",
    "schema": [
        {
            "table_name": name,
            "class_name": name.capitalize(),
            "columns": [
                {"name": "id", "type": "Integer", "primary_key": True, "autoincrement": True},
                {
                    "name": "other_id",
                    "type": "ForeignKey",
                    "target": f"{other}.id",
                    "nullable": False,
                },
            ],
        }
        for name, other in (("left", "right"), ("right", "left"))
    ],
}
RING_SQL = """
CREATE TABLE "left" (
    id INTEGER NOT NULL PRIMARY KEY, other_id INTEGER NOT NULL,
    FOREIGN KEY(other_id) REFERENCES "right" (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE "right" (
    id INTEGER NOT NULL PRIMARY KEY, other_id INTEGER NOT NULL,
    FOREIGN KEY(other_id) REFERENCES "left" (id) DEFERRABLE INITIALLY DEFERRED
)
"""


def test_keys_on_a_ring_that_every_row_has_to_fill_wait_for_each_other() -> None:
    assert compare(RING_SQL, RING) == []
    at_once = RING_SQL.replace('"left" (id) DEFERRABLE INITIALLY DEFERRED', '"left" (id)')
    (fault,) = compare(at_once, RING)
    assert fault.startswith(
        "right: foreign key (other_id) to left(id) on delete NO ACTION does not"
    )
    elsewhere = RING | {"db_type": "mysql"}  # which can't wait, and is not asked to
    assert not [line for line in compare(at_once, elsewhere) if "wait" in line]


DEFAULTS = [
    ("String", "it's", "'it''s'::character varying"),
    ("Text", "a::text", "'a::text'::text"),
    ("Enum", "poet", "'poet'::authors_kind"),
    ("Integer", -1, "'-1'::integer"),
    ("Integer", 7, "7"),
    ("Numeric", 1.5, "1.50"),
    ("Boolean", True, "true"),
    ("JSON", {"a": [1]}, "'{\"a\": [1]}'::json"),
    (
        "UUID",
        "6f1c2a34-0000-4000-8000-000000000001",
        "'6f1c2a34-0000-4000-8000-000000000001'::uuid",
    ),
    ("Date", "2020-01-31", "'2020-01-31'::date"),
    ("DateTime", "2020-01-31T12:00:00Z", "'2020-01-31 13:00:00+01'::timestamp with time zone"),
    ("Time", "08:30:00", "'08:30:00'::time without time zone"),
    ("Interval", "P1D", "'1 day'::interval"),
    ("Interval", "PT36H", "'36:00:00'::interval"),
]


@pytest.mark.parametrize(("kind", "asked", "kept"), DEFAULTS)
def test_postgresql_writes_defaults_in_its_own_way(kind: str, asked: object, kept: str) -> None:
    expected = ExpectedColumn("x", kind, default=asked)

    def fault(default: str | None) -> str | None:
        found = FoundColumn(
            name="x", type="X", zoned=False, counts_up=False, length=None, precision=None,
            scale=None, values=[], nullable=True, default=default,
        )  # fmt: skip
        return default_fault(expected, found, engine="postgresql", db_type="postgresql")

    assert fault(kept) is None
    assert fault(None) is not None
    assert fault("'something else'::text") is not None


def test_mysql_escapes_what_it_quotes() -> None:
    expected = ExpectedColumn("x", "String", default="it's\na \\ line")
    found = FoundColumn(
        name="x", type="VARCHAR", zoned=False, counts_up=False, length=80, precision=None,
        scale=None, values=[], nullable=True, default="'it''s\\na \\\\ line'",
    )  # fmt: skip
    assert default_fault(expected, found, engine="mysql", db_type="mysql") is None


@pytest.mark.parametrize(
    ("kind", "asked", "kept", "other"),
    [
        ("Time", "08:30:00.5", "'08:30:00'", "'08:30:01'"),
        ("DateTime", "2026-01-31T12:30:00.5Z", "'2026-01-31 12:30:00'", "'2026-01-31 12:30:01'"),
        ("Interval", "PT1.5S", "'1970-01-01 00:00:01'", "'1970-01-01 00:00:02'"),
        ("Interval", "-PT1.5S", "'1969-12-31 23:59:59'", "'1969-12-31 23:59:58'"),
    ],
)
def test_mysql_keeps_whole_seconds(kind: str, asked: str, kept: str, other: str) -> None:
    def fault(default: str, db_type: str) -> str | None:
        found = FoundColumn(
            name="x", type="X", zoned=False, counts_up=False, length=None, precision=None,
            scale=None, values=[], nullable=True, default=default,
        )  # fmt: skip
        expected = ExpectedColumn("x", kind, default=asked)
        return default_fault(expected, found, engine="sqlite", db_type=db_type)

    assert fault(kept, "mysql") is None
    assert fault(other, "mysql") is not None
    assert fault(kept, "sqlite") is not None
