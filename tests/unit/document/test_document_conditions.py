from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.document.conditions import (
    ColumnName,
    Comparison,
    ConditionError,
    Junction,
    Literal,
    Membership,
    Not,
    NullTest,
    Range,
    columns_of,
    parse_condition,
)

A, B = ColumnName("a"), ColumnName("b")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a > 0", Comparison(A, ">", Literal(Decimal(0)))),
        ("a==-1.50", Comparison(A, "=", Literal(Decimal("-1.50")))),
        ("a != b", Comparison(A, "<>", B)),
        ("'it''s' <> a", Comparison(Literal("it's"), "<>", A)),
        ("a = TRUE", Comparison(A, "=", Literal(value=True))),
        ("a IN (1,2)", Membership(A, (Literal(Decimal(1)), Literal(Decimal(2))), negated=False)),
        ("a not in ('')", Membership(A, (Literal(""),), negated=True)),
        ("a between 1 and b", Range(A, Literal(Decimal(1)), B, negated=False)),
        ("a is not null", NullTest(A, negated=True)),
        ("not a is null", Not(NullTest(A, negated=False))),
        ('"in" < "Or"', Comparison(ColumnName("in"), "<", ColumnName("Or"))),
        (
            "a < 1 or a > 2 and b < 3",
            Junction(
                "or",
                (
                    Comparison(A, "<", Literal(Decimal(1))),
                    Junction(
                        "and",
                        (
                            Comparison(A, ">", Literal(Decimal(2))),
                            Comparison(B, "<", Literal(Decimal(3))),
                        ),
                    ),
                ),
            ),
        ),
        (
            "a between 1 and 2 and b < 3",
            Junction(
                "and",
                (
                    Range(A, Literal(Decimal(1)), Literal(Decimal(2)), negated=False),
                    Comparison(B, "<", Literal(Decimal(3))),
                ),
            ),
        ),
        (
            "(a < 1 or b < 1) and a < b",
            Junction(
                "and",
                (
                    Junction(
                        "or",
                        (
                            Comparison(A, "<", Literal(Decimal(1))),
                            Comparison(B, "<", Literal(Decimal(1))),
                        ),
                    ),
                    Comparison(A, "<", B),
                ),
            ),
        ),
    ],
)
def test_conditions_mean_what_sql_means(text, meaning):
    assert parse_condition(text) == meaning


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("   ", 0),
        ("a", 1),
        ("a >", 3),
        ("a > 0 b", 6),
        ("1 = 1", 0),
        ("a = null", 4),
        ("a is 5", 5),
        ("a in ()", 6),
        ("a in (b)", 6),
        ("a not = 1", 6),
        ("a = 1;", 5),
        ("a = 'x", 4),
        ("a = 1 -- b", 6),
        ("length(a) > 1", 6),
        ("a + 1 > 2", 2),
        ("a = 1e5", 4),
        ("(a = 1", 6),
        ("a = 1)", 5),
        ("a = (select 1)", 4),
        ('a = "x y"', 4),
        ("ä = 1", 0),
        ("a = 1 or", 8),
        ("(" * 30 + "a = 1" + ")" * 30, 20),
        (" or ".join(["a=1"] * 51), 350),
    ],
)
def test_anything_else_is_refused_at_its_place(text, position):
    with pytest.raises(ConditionError) as caught:
        parse_condition(text)
    assert caught.value.position == position
    assert len(caught.value.message) < 120


@given(text=st.text(alphabet="ab01 '\"()<>=!,.-andornotinbetweenisnull\n;", max_size=60))
def test_a_text_is_a_condition_on_columns_or_refused(text):
    try:
        condition = parse_condition(text)
    except ConditionError as error:
        position = error.position
    else:
        position = len(text)
        assert list(columns_of(condition))
    assert 0 <= position <= len(text)


COLUMNS = [
    ("number", "Numeric", {}),
    ("whole", "Integer", {}),
    ("word", "String", {}),
    ("flag", "Boolean", {}),
    ("day", "Date", {}),
    ("moment", "DateTime", {}),
    ("kind", "Enum", {"values": ["a", "b"]}),
    ("uid", "UUID", {}),
    ("blob", "LargeBinary", {}),
    ("bag", "JSON", {}),
]


def checked(make, text):
    columns = [make.column(name, kind, **members) for name, kind, members in COLUMNS]
    return make.document(make.table("t", *columns, checks=[text]))


@pytest.mark.parametrize(
    "text",
    [
        "number > whole",
        "whole between 1 and 2.5",
        "word < 'x'",
        "flag = true",
        "day >= '2020-02-29'",
        "moment < '2020-01-01T00:00:00Z'",
        "kind in ('a', 'b')",
        "kind <> 'a'",
        "uid = '3f2b7d3c-3f63-4a8e-9a53-7f5a4a3a2b1c'",
        "blob is null or bag is not null",
    ],
)
def test_what_can_be_compared_is_accepted(make, resolve, text):
    (check,) = resolve(checked(make, text)).tables[0].checks
    assert (check.text, check.pointer) == (text, "/schema/0/checks/0")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("number > word", "type_mismatch"),
        ("number > 'x'", "type_mismatch"),
        ("word = 5", "type_mismatch"),
        ("flag = 1", "type_mismatch"),
        ("flag > true", "type_mismatch"),
        ("day > '2020-02-30'", "type_mismatch"),
        ("day > moment", "type_mismatch"),
        ("kind = 'c'", "type_mismatch"),
        ("kind < 'b'", "type_mismatch"),
        ("uid = 'x'", "type_mismatch"),
        ("blob = 'x'", "type_mismatch"),
        ("bag = bag", "type_mismatch"),
        ("whole = 1 or nothing = 1", "unknown_column"),
        ("Whole = 1", "unknown_column"),
        ("whole = ", "invalid_condition"),
    ],
)
def test_what_cannot_be_compared_is_a_fault(make, faults, text, code):
    assert faults(checked(make, text)) == {("/schema/0/checks/0", code)}


def test_the_message_says_where_and_shows_the_condition(make, read):
    (fault,) = read(checked(make, "whole >> 1")).faults
    assert fault.message == "expected a value, not '>' (character 8 of 'whole >> 1')."
