from __future__ import annotations

import json

import pytest

from common.document.limits import DocumentLimits
from common.document.limits_in_force import limits_in_force
from common.document.pointers import pointer_to
from common.document.read import read_document
from common.errors import RequestError
from common.settings import Settings


def refused(raw, **limits):
    with pytest.raises(RequestError) as caught:
        read_document(raw, DocumentLimits(**limits))
    assert caught.value.status == 400
    return caught.value


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("x; DROP TABLE users; --", "drop table"),
        ("drop\n\t table", "drop table"),
        ("Drop Tables a, b", "drop table"),
        ("dr\0op table", "drop table"),
        ("DELETE   FROM users", "delete from"),
        ("<script>alert(1)</script>", "<script>"),
        ("< SCRIPT >", "<script>"),
        ('<script src="x">', "<script>"),
        ("JavaScript:alert(1)", "javascript:"),
        ("x=eval(1)", "eval("),
        ("Exec (1)", "exec("),
        ("a drop\N{NO-BREAK SPACE}table b", "drop table"),
    ],
)
def test_suspicious_patterns_are_refused_wherever_they_stand(make, text, pattern):
    plain = make.document(make.table("users", make.column("a", "String", default="x")))
    for pointer, place in (
        ("/description", {**plain, "description": text}),
        ("/project_name", {**plain, "project_name": text}),
        ("/unknown/0/deep", {**plain, "unknown": [{"deep": text}]}),
        (pointer_to((text,)), {**plain, text: 1}),
    ):
        error = refused(place)
        assert error.code == "suspicious_pattern"
        assert error.detail == f"Suspicious pattern detected in schema: {pattern}"
        assert [fault.pointer for fault in error.faults] == [pointer]


@pytest.mark.parametrize(
    "text",
    [
        "Holds backdrop tables and airdrop tablets",
        "retrieval(x)",
        "literal_eval(x)",
        "executive (x)",
        "drop the table",
        "undelete from",
        "javascripts are fun",
        "<scripted>",
        "the <scripts> element",
        "evaluate (x)",
        "drop tablet",
        "delete fromage",
    ],
)
def test_innocent_words_pass(make, read, text):
    assert read(make.document(make.table("users"), description=text)).faults == ()


def test_words_of_two_neighbours_are_no_pattern(make, read):
    values = {"values": ["drop", "table", "delete", "from"]}
    raw = make.document(make.table("users", make.column("word", "Enum", **values)))
    assert read(raw).faults == ()


def test_null_bytes_are_removed_with_a_warning(make, read):
    raw = make.document(
        make.table("us\0ers", make.column("a", "String", **{"def\0ault": "x\0y"})), description="\0"
    )
    raw["schema"][0]["class_name"] = "User"
    before = json.dumps(raw)
    reading = read(raw)
    assert reading.faults == ()
    assert reading.resolved.tables[0].name == "users"
    assert reading.resolved.tables[0].column("a").default == "xy"
    assert {(one.pointer, one.code) for one in reading.warnings} == {
        ("/schema/0/table_name", "null_bytes_removed"),
        ("/schema/0/columns/1/def\0ault", "null_bytes_removed"),
        ("/description", "null_bytes_removed"),
    }
    assert json.dumps(raw) == before
    assert "\\u0000" not in json.dumps(reading.raw)


def test_members_that_null_bytes_alone_told_apart_are_refused(make):
    error = refused(make.document(make.table("users"), **{"a": 1, "a\0": 2}))
    assert error.faults[0].code == "duplicate_member"


def test_long_descriptions_are_cut_with_a_warning_that_says_where(make, read):
    long = "x" * 1001
    raw = make.document(
        make.table(
            "users",
            make.column("boss_id", "ForeignKey", target="users.id", description=long),
            relationships=[make.relationship("users", "many_to_one", description=long)],
            description="y" * 1000,
        ),
        description=long,
    )
    reading = read(raw)
    assert {one.pointer for one in reading.warnings if one.code == "description_cut"} == {
        "/description",
        "/schema/0/columns/1/description",
        "/schema/0/relationships/0/description",
    }
    table = reading.resolved.tables[0]
    assert table.description == "y" * 1000
    assert table.column("boss_id").description == "x" * 1000
    assert reading.resolved.description == "x" * 1000
    assert len(raw["description"]) == 1001


def test_all_checks_together_are_refused_at_the_first_that_is_too_much(make):
    check = "id = 1"
    raw = make.document(
        make.table("users", checks=[check]), make.table("posts", checks=[check, check])
    )
    read_document(raw, DocumentLimits(max_checks_length=3 * len(check)))
    error = refused(raw, max_checks_length=3 * len(check) - 1)
    assert [(one.pointer, one.code) for one in error.faults] == [
        ("/schema/1/checks/1", "limit_exceeded")
    ]


def test_other_long_strings_are_refused_with_their_place(make):
    long = "x" * 1001
    plain = make.document(make.table("users", make.column("a", "JSON")))
    for pointer, raw in (
        ("/project_name", {**plain, "project_name": long}),
        (
            "/schema/0/columns/1/default/description",
            make.document(
                make.table("users", make.column("a", "JSON", default={"description": long}))
            ),
        ),
        ("/x/1", {**plain, "x": ["", long]}),
    ):
        error = refused(raw)
        assert (error.code, error.faults[0].pointer) == ("limit_exceeded", pointer)
        assert long not in error.detail


def test_a_long_name_of_a_member_is_refused_at_its_object(make):
    error = refused(make.document(make.table("users"), x={"y": {"z" * 1001: 1}}))
    assert error.faults[0].pointer == "/x/y"


def test_sizes_are_refused_with_their_place_and_the_last_allowed_one_is_not(make, read):
    def tables(count):
        return make.document(*(make.table(f"t{index}") for index in range(count)))

    def columns(count):
        return make.document(
            make.table("t"),
            make.table("u", *(make.column(f"c{index}") for index in range(count - 1))),
        )

    def relationships(count):
        entries = [
            make.relationship("u", "many_to_many", name=f"a{index}", back_populates=f"b{index}")
            for index in range(count)
        ]
        return make.document(make.table("t", relationships=entries), make.table("u"))

    def items(count):
        return make.document(
            make.table("t", make.column("e", "Enum", values=[str(index) for index in range(count)]))
        )

    for build, most, pointer in (
        (tables, 50, "/schema"),
        (columns, 100, "/schema/1/columns"),
        (relationships, 50, "/schema/0/relationships"),
        (items, 100, "/schema/0/columns/1/values"),
    ):
        assert read(build(most)).faults == ()
        error = refused(build(most + 1))
        assert error.code == "limit_exceeded"
        assert [fault.pointer for fault in error.faults] == [pointer]
        assert str(most + 1) in error.detail
        assert str(most) in error.detail


def test_limits_come_from_the_settings(make):
    settings = Settings(_env_file=None, max_tables=1, max_string_length=20)
    limits = limits_in_force(settings)
    raw = make.document(make.table("t"), make.table("u"))
    with pytest.raises(RequestError) as caught:
        read_document(raw, limits)
    assert caught.value.faults[0].pointer == "/schema"
    assert limits.max_string_length == 20


def test_code_of_an_operation_may_be_longer_than_other_strings(make, read):
    code = "pass" + "#" * 19_996
    operation = {"name": "count", "method": "GET", "description": "Counts.", "body": code}
    assert read(make.document(make.table("t"), operations=[operation])).faults == ()
    operation["body"] += "#"
    error = refused(make.document(make.table("t"), operations=[operation]))
    assert error.faults[0].pointer == "/operations/0/body"


def test_patterns_are_looked_for_before_limits_and_limits_before_shape(make):
    both = make.document(make.table("t", unknown=1), description="eval(", x=["y"] * 200)
    assert refused(both).code == "suspicious_pattern"
    del both["description"]
    assert refused(both).code == "limit_exceeded"


def test_a_longer_run_than_is_allowed_is_told_so(make):
    raw = make.document(make.table("users")) | {"run": {"timeout_seconds": 700}}
    reading = read_document(raw, DocumentLimits(max_timeout_seconds=600))
    assert reading.faults == ()
    [warning] = reading.warnings
    assert (warning.pointer, warning.code) == ("/run/timeout_seconds", "timeout_cut")
    assert "600 s" in warning.message
    assert read_document(raw, DocumentLimits(max_timeout_seconds=700)).warnings == ()


@pytest.mark.parametrize("engine", [True, "mysql"])
def test_an_engine_that_will_not_be_tried_is_told_so(make, engine):
    raw = make.document(make.table("users"))
    wanted = raw | {"run": {"verify": "none", "require_engine": engine}}
    reading = read_document(wanted, DocumentLimits())
    assert reading.faults == ()
    [warning] = reading.warnings
    assert (warning.pointer, warning.code) == ("/run/require_engine", "engine_not_tried")
    assert (raw["db_type"] if engine is True else engine) in warning.message
    for run in ({"verify": "none"}, {"require_engine": engine}):
        assert read_document(raw | {"run": run}, DocumentLimits()).warnings == ()
