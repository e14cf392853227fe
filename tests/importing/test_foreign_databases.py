"""Databases that nobody prepared: what they have is said in the document or noted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from common.document.limits import DocumentLimits
from common.document.read import read_document
from workers.importing.ddl import detect, read_ddl
from workers.importing.document import Imported, import_source

DUMPS = Path(__file__).parent / "dumps"
LIMITS = DocumentLimits()


def imported(script: str, *, dialect: str | None = None) -> Imported:
    source = read_ddl(script.encode(), name="dump", dialect=dialect)
    return import_source(source, LIMITS)


def column(found: Imported, place: str) -> dict[str, Any]:
    table, _, name = place.partition(".")
    tables = {each["table_name"]: each for each in found.document["schema"]}
    return next(each for each in tables[table]["columns"] if each["name"] == name)


NOTED = {
    "django": """
        touch: the function
        auth_user.First_Name: the column 'First Name'
        auth_user.email: public.citext became a Text
        auth_user.date_joined: the default CURRENT_TIMESTAMP
        auth_user.auth_user_username_like: an index on expressions
        auth_user.auth_user_email_lower: a unique index on expressions
        auth_user_groups.group_id: a deferrable foreign key
        tickets_ticket.labels: VARCHAR(20)[] became a JSON
        tickets_ticket.budget: the domain positive_amount
        tickets_ticket.gross: a generated column ((price * 1.19))
        tickets_ticket.ip: INET became a String
        tickets_ticket.token: the default GEN_RANDOM_UUID()
        tickets_ticket.search: tsvector became a Text
        tickets_ticket.modified: a time without a zone
        tickets_ticket: the check (LENGTH(title) > 3)
        tickets_ticket.tickets_search_idx: an index of the kind gin
        tickets_ticket.tickets_open_token: a unique index on some rows only
        tickets_ticket.tickets_state_price: the index runs upwards
        tickets_ticket.owner_id: ON UPDATE
        tickets_ticket: row level security
        touch_ticket: the trigger
        open_tickets: the view
        events: its partitions
        events_2024: a partition of events
        audit: it inherits from auth_group
        audit: no primary key
    """,
    "shop_mysql": """
        customers: the table 'Customers'
        customers.e_mail: the column 'e-mail'
        Customers.e-mail: its collation utf8mb4_bin
        customers.id: INT UNSIGNED became a BigInteger
        customers.flags: a SET became a String
        customers.born: YEAR became a SmallInteger
        customers.level: TINYINT UNSIGNED became a SmallInteger
        Customers.code: ZEROFILL
        customers.rating: FLOAT became a Float
        customers.mask: BIT(8) became a LargeBinary
        customers.optin: BIT(1) became a Boolean
        customers.notes: MEDIUMTEXT became a Text
        customers.place: GEOMETRY became a LargeBinary
        customers.hash: CHAR(32) became a String
        customers.avatar: LONGBLOB became a LargeBinary
        Customers.full_name: a generated column
        Customers.beginning: an index on expressions or beginnings
        Customers.words: an index of the kind FULLTEXT
        order: its partitions
        order.customer_id: ON UPDATE
        order.due: the precision of DATETIME(3)
        order.zero: the default '0000-00-00 00:00:00'
        order.seen: ON UPDATE CURRENT_TIMESTAMP
        order_after: the trigger
        late_orders: the view
        log: no primary key
    """,
    "odd_sqlite": """
        artists: the table 'Artists'
        artists.Stage_Name: the column 'Stage Name'
        artists.untyped: a column without a type
        artists.born: UNSIGNED BIG INT
        Artists.weird: POINT is no type
        artists.at: the default datetime('now')
        Artists.upper_name: a generated column
        artists: the check length(kind) > 2
        Artists: COLLATE NOCASE
        Artists.artists_lower: an index on expressions
        albums.artist: ON UPDATE
        albums: ON CONFLICT
        albums.title: VARCHAR(255, 3)
        albums.released: the default CURRENT_DATE
        albums.albums_released: the index runs upwards
        albums.albums_cheap: a unique index on some rows
        pairs: WITHOUT ROWID
        pairs.b: the foreign key is left out
        settings: no primary key
        cheap: a view
        t: the trigger
    """,
}


@pytest.mark.parametrize("name", NOTED)
def test_a_dump_becomes_a_valid_document_and_what_it_lacks_is_noted(name: str) -> None:
    found = imported((DUMPS / f"{name}.sql").read_text(encoding="utf-8"))
    assert not read_document(found.document, LIMITS).faults
    notes = [str(note) for note in found.notes]
    wanted = [line.strip() for line in NOTED[name].strip().splitlines()]
    missing = [line for line in wanted if not any(note.startswith(line) for note in notes)]
    assert missing == []


@pytest.mark.parametrize("name", NOTED)
def test_a_dialect_is_told_from_its_words(name: str) -> None:
    dialects = {"django": "postgresql", "shop_mysql": "mysql", "odd_sqlite": "sqlite"}
    assert detect((DUMPS / f"{name}.sql").read_text(encoding="utf-8")) == dialects[name]


def test_what_a_dump_of_postgresql_says_is_in_the_document() -> None:
    found = imported((DUMPS / "django.sql").read_text(encoding="utf-8"))
    tables = {table["table_name"]: table for table in found.document["schema"]}
    ticket = tables["tickets_ticket"]
    assert ticket["description"] == "What people ask for; one row a wish"
    assert ticket["options"] == {"use_timestamps": True}
    assert ticket["checks"] == ["price >= 0", "state in ('open', 'in progress')"]
    assert ticket["indexes"] == [["state", "price"]]
    assert column(found, "tickets_ticket.id") == {
        "name": "id",
        "type": "BigInteger",
        "primary_key": True,
        "autoincrement": True,
    }
    assert column(found, "tickets_ticket.state") == {
        "name": "state",
        "type": "Enum",
        "values": ["open", "in progress", "it's done"],
        "nullable": False,
        "default": "open",
    }
    assert column(found, "tickets_ticket.labels")["default"] == []
    assert column(found, "tickets_ticket.payload")["default"] == {"seen": False}
    assert column(found, "tickets_ticket.length")["default"] == "P1DT2H"
    assert column(found, "tickets_ticket.owner_id") == {
        "name": "owner_id",
        "type": "ForeignKey",
        "target": "auth_user.id",
        "on_delete": "SET NULL",
        "index": True,
    }
    assert column(found, "auth_user.id")["autoincrement"] is True
    kinds = [entry["type"] for entry in tables["auth_group"]["relationships"]]
    assert kinds == ["many_to_many"]


def test_what_a_dump_of_mysql_says_is_in_the_document() -> None:
    found = imported((DUMPS / "shop_mysql.sql").read_text(encoding="utf-8"))
    tables = {table["table_name"]: table for table in found.document["schema"]}
    customers = tables["customers"]
    assert customers["description"] == "Who buys"
    assert customers["options"] == {"use_timestamps": True}
    assert customers["checks"] == ["level between 0 and 9"]
    assert column(found, "customers.e_mail") == {
        "name": "e_mail",
        "type": "String",
        "length": 190,
        "unique": True,
        "nullable": False,
        "description": 'where the bill goes; "always"',
    }
    assert column(found, "customers.gender")["values"] == ["m", "f", "it's open"]
    assert column(found, "customers.active") == {
        "name": "active",
        "type": "Boolean",
        "nullable": False,
        "default": True,
    }
    assert column(found, "customers.optin")["default"] is True
    assert column(found, "order.customer_id")["target"] == "customers.id"
    assert column(found, "order.due")["default"] == "2024-01-01T00:00:00Z"


def test_the_same_dump_gives_the_same_document() -> None:
    script = (DUMPS / "django.sql").read_text(encoding="utf-8")
    assert json.dumps(imported(script).document) == json.dumps(imported(script).document)


def test_a_table_of_two_keys_that_cascade_is_left_to_the_generator() -> None:
    found = imported(
        """
        CREATE TABLE posts (id INTEGER PRIMARY KEY);
        CREATE TABLE tags (id INTEGER PRIMARY KEY);
        CREATE TABLE tagged (
            post_id INTEGER REFERENCES posts (id) ON DELETE CASCADE,
            tag_id INTEGER REFERENCES tags (id) ON DELETE CASCADE,
            PRIMARY KEY (post_id, tag_id)
        );
        CREATE INDEX ix_tagged_tag_id ON tagged (tag_id);
        """,
        dialect="sqlite",
    )
    assert [table["table_name"] for table in found.document["schema"]] == ["posts", "tags"]
    assert found.document["schema"][0]["relationships"] == [
        {
            "target_table": "tags",
            "target_class": "Tag",
            "type": "many_to_many",
            "secondary": "tagged",
            "back_populates": "posts",
        }
    ]


def test_what_the_reader_refuses_is_taken_out_with_a_note() -> None:
    found = imported(
        """
        CREATE TABLE `t` (
          `id` int NOT NULL AUTO_INCREMENT,
          `body` text COMMENT 'DROP TABLE students',
          `name` varchar(900) NOT NULL,
          PRIMARY KEY (`id`), KEY `n` (`name`)
        ) ENGINE=InnoDB;
        """
    )
    assert not read_document(found.document, LIMITS).faults
    places = {note.place for note in found.notes}
    assert places == {"t.body", "t.name"}


def test_too_many_tables_are_said_in_parts_that_hang_together() -> None:
    script = "".join(
        f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, up INTEGER REFERENCES t{n // 2 * 2} (id));"
        for n in range(60)
    )
    found = imported(script, dialect="sqlite")
    note = next(note for note in found.notes if "MAX_TABLES" in note.text)
    assert note.text.startswith("to be mended: 60 tables are more than 50")
    assert "t0,t1 | t10,t11" in note.text


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "sqlite", "mssql"])
def test_a_script_is_read_to_its_end(dialect: str) -> None:
    found = imported(
        """
        DROP TABLE IF EXISTS a;
        CREATE TABLE a (id INTEGER PRIMARY KEY);
        CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id));
        DROP TABLE b;
        CREATE TABLE c (id INTEGER PRIMARY KEY, a_id INTEGER, FOREIGN KEY (a_id) REFERENCES a (id));
        ALTER TABLE a RENAME TO z;
        ALTER TABLE z ADD size INTEGER;
        """,
        dialect=dialect,
    )
    assert {table["table_name"] for table in found.document["schema"]} == {"z", "c"}
    assert column(found, "z.size")["type"] == "Integer"
    assert found.document["schema"][-1]["relationships"][0]["target_table"] in {"z", "c"}
    assert found.notes == ()


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "sqlite"])
def test_what_is_unique_stays_so_however_its_type_is_written(dialect: str) -> None:
    found = imported(
        """
        CREATE TABLE a (
            id INTEGER PRIMARY KEY, name VARCHAR(100) NOT NULL UNIQUE, price NUMERIC(10,2) UNIQUE,
            code VARCHAR(9), number INTEGER, CONSTRAINT a_code UNIQUE (code, number)
        );
        """,
        dialect=dialect,
    )
    assert column(found, "a.name")["unique"] is True
    assert column(found, "a.price")["unique"] is True
    assert found.document["schema"][0]["unique"] == [["code", "number"]]


CHANGED = """
    CREATE TABLE tags (id integer PRIMARY KEY, name varchar(20) NOT NULL, old integer);
    CREATE UNIQUE INDEX tags_name ON tags (name);
    CREATE TABLE a (
        id integer PRIMARY KEY, x integer NOT NULL, y integer, z varchar(9), tag_id integer,
        CONSTRAINT a_x CHECK (x > 2),
        CONSTRAINT a_tag FOREIGN KEY (tag_id) REFERENCES tags (id)
    );
    CREATE INDEX a_x_z ON a (x, z);
    CREATE INDEX a_y ON a (y);
    CREATE INDEX a_z ON a (z);
    CREATE TABLE b (id integer PRIMARY KEY, a_id integer, FOREIGN KEY (a_id) REFERENCES a (id));
    DROP INDEX a_y{of_a};
    DROP INDEX a_z{of_a};
    ALTER TABLE a DROP COLUMN y;
    {renames};
    CREATE TABLE gone (id integer PRIMARY KEY, c_id integer, FOREIGN KEY (c_id) REFERENCES c (no));
    DROP TABLE gone;
"""
RENAMES = """
    ALTER TABLE a RENAME COLUMN x TO w; ALTER TABLE a RENAME COLUMN id TO no;
    ALTER TABLE tags RENAME COLUMN name TO label; ALTER TABLE a RENAME TO c
"""
PROCEDURES = """
    EXEC sp_rename 'a.x', 'w', 'COLUMN'; EXEC sp_rename 'dbo.a.id', 'no', 'COLUMN';
    EXEC sp_rename 'tags.[name]', 'label', 'COLUMN'; EXEC sp_rename 'dbo.a', 'c'
"""


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "sqlite", "mssql"])
def test_what_a_script_takes_away_or_names_anew_is_so_at_its_end(dialect: str) -> None:
    of_a = " ON a" if dialect in {"mysql", "mssql"} else ""
    renames = PROCEDURES if dialect == "mssql" else RENAMES
    found = imported(CHANGED.format(of_a=of_a, renames=renames), dialect=dialect)
    tables = {table["table_name"]: table for table in found.document["schema"]}
    assert set(tables) == {"tags", "b", "c"}
    assert [each["name"] for each in tables["c"]["columns"]] == ["no", "w", "z", "tag_id"]
    assert tables["c"]["checks"] == ["w > 2"]
    assert tables["c"]["indexes"] == [["w", "z"]]
    assert "index" not in column(found, "c.z")
    assert column(found, "c.no")["primary_key"] is True
    assert column(found, "c.tag_id")["target"] == "tags.id"
    assert column(found, "b.a_id")["target"] == "c.no"
    assert column(found, "tags.label")["unique"] is True
    assert found.notes == ()


def test_what_goes_with_a_column_of_postgresql_goes_as_well() -> None:
    found = imported(
        """
        CREATE TABLE a (
            id integer PRIMARY KEY, x integer UNIQUE, y varchar(9) DEFAULT 'b', z integer UNIQUE,
            CHECK (x > 0 AND y <> 'a'), CHECK (y <> ''), UNIQUE (y, x)
        );
        CREATE TABLE b (id integer PRIMARY KEY, a_x integer REFERENCES a (x));
        ALTER TABLE a DROP COLUMN x CASCADE, ALTER COLUMN y TYPE text, ALTER y DROP DEFAULT;
        ALTER TABLE a RENAME y TO name;
        ALTER TABLE a DROP CONSTRAINT a_z_key, DROP CONSTRAINT a_pkey, ADD PRIMARY KEY (name);
        """,
        dialect="postgresql",
    )
    assert found.document["schema"][0]["columns"] == [
        {"name": "id", "type": "Integer", "nullable": False},
        {"name": "name", "type": "Text", "primary_key": True},
        {"name": "z", "type": "Integer"},
    ]
    assert found.document["schema"][0]["checks"] == ["name <> ''"]
    assert column(found, "b.a_x") == {"name": "a_x", "type": "Integer"}
    assert found.notes == ()


def test_an_index_of_mysql_keeps_the_columns_that_are_left() -> None:
    found = imported(
        """
        CREATE TABLE a (
            id int PRIMARY KEY, x int, y int, up int, KEY xy (X, y), CONSTRAINT k CHECK (X > 0),
            CONSTRAINT f FOREIGN KEY (up) REFERENCES a (id)
        );
        ALTER TABLE a CHANGE x q bigint NOT NULL, DROP COLUMN y, DROP CHECK k, RENAME TO b;
        ALTER TABLE b DROP FOREIGN KEY f, DROP COLUMN up, DROP KEY lost;
        """,
        dialect="mysql",
    )
    assert found.document["schema"][0]["columns"] == [
        {"name": "id", "type": "Integer", "primary_key": True},
        {"name": "q", "type": "BigInteger", "nullable": False, "index": True},
    ]
    assert [note.text.partition(" line")[0] for note in found.notes] == ["to be mended:"]


def test_tables_of_mysql_get_other_names_in_one_statement() -> None:
    script = "CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\n"
    found = imported(f"{script}RENAME TABLE a TO old,\n  `b` TO `a`;", dialect="mysql")
    assert column(found, "old.id")["type"] == "Integer"
    assert column(found, "a.id")["type"] == "BigInteger"
    assert found.notes == ()


def test_a_change_of_what_is_not_there_is_noted() -> None:
    found = imported(
        """
        ALTER TABLE ONLY public.lost DROP CONSTRAINT lost_pkey;
        CREATE TABLE public.kept (id integer PRIMARY KEY);
        CREATE TEMPORARY TABLE scratch (id integer);
        ALTER TABLE scratch ADD size integer;
        ALTER TABLE lost ADD size integer;
        ALTER TABLE kept DROP COLUMN IF EXISTS key;
        ALTER TABLE kept DROP COLUMN key;
        ALTER TABLE kept SET SCHEMA elsewhere;
        ALTER TYPE mood ADD VALUE 'blue';
        """,
        dialect="postgresql",
    )
    assert [str(note) for note in found.notes] == [
        "scratch: a temporary table is left out",
        "lost: line 6: ALTER TABLE lost ADD size integer changes a table that is not there",
        "kept: to be mended: line 8: ALTER TABLE kept DROP COLUMN key is not applied",
        "to be mended: line 9: ALTER TABLE kept SET SCHEMA elsewhere is not applied",
        "mood: to be mended: line 10: ALTER TYPE mood ADD VALUE 'blue' is not applied",
    ]


def test_commands_of_psql_are_passed_over_beside_rows_as_well() -> None:
    found = imported(
        """
\\restrict AbC
SET row_security = off;
CREATE TABLE public.a (id integer PRIMARY KEY, path text DEFAULT 'x
\\y' NOT NULL);
COPY public.a (id, path) FROM stdin;
1	it's; \\connect
\\.
\\connect other
CREATE TABLE public.b (id integer PRIMARY KEY);
\\unrestrict AbC
""",
        dialect="postgresql",
    )
    assert [table["table_name"] for table in found.document["schema"]] == ["a", "b"]
    assert column(found, "a.path")["default"] == "x\n\\y"
    assert found.notes == ()
