"""Expressions of SQL as values and conditions of the document."""

import pytest

from workers.importing.default_values import UnsayableError, json_value
from workers.importing.expressions import Counter, FreshUuid, Present, read_default, write_condition

NAMES = {"price": "price", "status": "status", "Total Sum": "Total_Sum", "active": "active"}
NAMES |= {"at": "at", "in": "in"}
WORDS = {"price": "Numeric", "status": "String", "Total_Sum": "Integer", "active": "Boolean"}
WORDS |= {"at": "DateTime", "in": "Integer"}


@pytest.mark.parametrize(
    ("db_type", "sql", "said"),
    [
        ("postgresql", "(price > (0)::numeric)", "price > 0"),
        (
            "postgresql",
            "((status)::text = ANY ((ARRAY['a'::character varying, 'b'::text])::text[]))",
            "status in ('a', 'b')",
        ),
        ("postgresql", "(status <> ALL (ARRAY['a', 'b']))", "status not in ('a', 'b')"),
        ("postgresql", "(status IS NOT NULL)", "status is not null"),
        ("postgresql", "(active OR (NOT active))", "active = true or active = false"),
        ("mysql", "`price` between 0 and -1.5", "price between 0 and -1.5"),
        ("mysql", "(`status` <> _utf8mb4'it''s')", "status <> 'it''s'"),
        ("sqlite", '"Total Sum" NOT IN (1, 2)', "Total_Sum not in (1, 2)"),
        ("sqlite", "active IN (0, 1)", "active in (false, true)"),
        ("sqlite", "NOT (price = 1 AND status = 'x')", "not (price = 1 and status = 'x')"),
        ("sqlite", "price = 1 OR status = 'x' AND price = 2", None),
        ("sqlite", '"in" > 3', '"in" > 3'),
        ("postgresql", "(at > '2020-01-01 00:00:00+00'::timestamp with time zone)", None),
        ("mssql", "([price]>(0))", "price > 0"),
    ],
)
def test_a_condition_is_said_in_the_grammar(db_type: str, sql: str, said: str | None) -> None:
    expected = {
        "price = 1 OR status = 'x' AND price = 2": "price = 1 or (status = 'x' and price = 2)",
        "(at > '2020-01-01 00:00:00+00'::timestamp with time zone)": "at > '2020-01-01T00:00:00Z'",
    }.get(sql, said)
    assert write_condition(sql, db_type, NAMES, WORDS) == expected


@pytest.mark.parametrize(
    ("db_type", "sql"),
    [
        ("postgresql", "(length(status) > 3)"),
        ("postgresql", "(status ~ '^a')"),
        ("postgresql", "((at)::date = '2020-01-01'::date)"),
        ("postgresql", "(price > (1 + 1))"),
        ("postgresql", "(status IS DISTINCT FROM 'x')"),
        ("postgresql", "(active IS NOT TRUE)"),
        ("postgresql", "(missing > 1)"),
        ("mysql", "status like 'a%'"),
        ("sqlite", "price IN (SELECT 1)"),
        ("sqlite", "price BETWEEN 1"),
    ],
)
def test_what_the_grammar_lacks_is_never_said_otherwise(db_type: str, sql: str) -> None:
    with pytest.raises(UnsayableError):
        write_condition(sql, db_type, NAMES, WORDS)


@pytest.mark.parametrize(
    ("db_type", "sql", "word", "value"),
    [
        ("postgresql", "'new'::character varying", "String", "new"),
        ("postgresql", "'-5'::integer", "Integer", -5),
        ("postgresql", "(- 5)", "Integer", -5),
        ("postgresql", "'1 day 02:00:00'::interval", "Interval", "P1DT2H"),
        ("postgresql", "true", "Boolean", True),
        ("postgresql", "'\\xff00'::bytea", "LargeBinary", "/wA="),
        ("mysql", "'12.50'", "Numeric", 12.5),
        ("mysql", "'123456789012345678.90'", "Numeric", "123456789012345678.90"),
        ("mysql", "b'1'", "Boolean", True),
        ("mysql", "NULL", "String", None),
        ("sqlite", "0", "Boolean", False),
        ("sqlite", "'2024-01-31 10:00:00'", "DateTime", "2024-01-31T10:00:00Z"),
        ("sqlite", "'{\"a\": [1]}'", "JSON", {"a": [1]}),
        ("mssql", "(N'x')", "Text", "x"),
        ("mssql", "((0))", "Integer", 0),
    ],
)
def test_a_default_is_a_value(db_type: str, sql: str, word: str, value: object) -> None:
    found = read_default(sql, db_type)
    assert json_value(found.content, word) == value


@pytest.mark.parametrize(
    ("db_type", "sql", "kind"),
    [
        ("postgresql", "now()", Present),
        ("postgresql", "CURRENT_TIMESTAMP", Present),
        ("postgresql", "nextval('a_id_seq'::regclass)", Counter),
        ("postgresql", "gen_random_uuid()", FreshUuid),
        ("mysql", "current_timestamp()", Present),
        ("mysql", "uuid()", FreshUuid),
        ("mssql", "(getdate())", Present),
        ("mssql", "(newid())", FreshUuid),
        ("sqlite", "CURRENT_TIMESTAMP", Present),
        ("sqlite", "datetime('now')", Present),
    ],
)
def test_a_default_is_made_anew(db_type: str, sql: str, kind: type) -> None:
    assert isinstance(read_default(sql, db_type), kind)


@pytest.mark.parametrize(
    ("db_type", "sql"),
    [("postgresql", "lower('X')"), ("postgresql", "(1 + 1)"), ("mysql", "concat('a', 'b')")],
)
def test_a_computed_default_is_no_value(db_type: str, sql: str) -> None:
    with pytest.raises(UnsayableError):
        read_default(sql, db_type)


@pytest.mark.parametrize(
    ("word", "content"),
    [
        ("Integer", "1.5"),
        ("Integer", "x"),
        ("DateTime", "0000-00-00 00:00:00"),
        ("Boolean", "2"),
        ("UUID", "x"),
    ],
)
def test_a_value_of_another_type_is_refused(word: str, content: str) -> None:
    with pytest.raises(UnsayableError):
        json_value(content, word)
