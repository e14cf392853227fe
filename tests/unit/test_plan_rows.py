"""Rows that a project's own tests make: their values, what they need, how many there can be."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from common.document.limits import DocumentLimits
from common.document.read import read_document
from workers.plan import Plan, make_plan
from workers.plan.examples import make_examples
from workers.plan.factories import make_factories
from workers.plan.trial import Trial
from workers.plan.trials import make_trials
from workers.plan.wire import make_resources
from workers.stages.render import render

ID: dict[str, Any] = {"name": "id", "type": "Integer", "primary_key": True, "autoincrement": True}
CODE: dict[str, Any] = {"name": "code", "type": "String", "length": 8, "primary_key": True}


def plan_of(*tables: dict[str, Any], db_type: str = "sqlite") -> Plan:
    document = {"project_name": "rows", "db_type": db_type, "schema": list(tables)}
    reading = read_document(document, DocumentLimits())
    assert reading.resolved is not None, reading.faults
    return make_plan(reading.resolved)


def table(name: str, *columns: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"table_name": name, "class_name": name.title(), "columns": list(columns), **members}


def column(name: str, kind: str, **members: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "nullable": False, **members}


def key(name: str, target: str, **members: Any) -> dict[str, Any]:
    return column(name, "ForeignKey", target=target, **members)


def value(check: str, kind: str, **members: Any) -> object:
    """What the third row holds in a column with a check."""
    plan = plan_of(table("things", ID, column("it", kind, **members), checks=[check]))
    return make_factories(plan)["things"].specimens["it"].value(3)


@pytest.mark.parametrize(("db_type", "second"), [("sqlite", 250_000), ("mysql", 0)])
def test_values_have_fractions_only_where_they_are_kept(db_type: str, second: int) -> None:
    checks = ["it > '2026-01-31T12:00:00.25Z'"]
    plan = plan_of(table("things", ID, column("it", "DateTime"), checks=checks), db_type=db_type)
    made = make_factories(plan)["things"].specimens["it"].value(3)
    assert isinstance(made, dt.datetime)
    assert made.microsecond == second


@pytest.mark.parametrize(
    ("check", "kind", "members", "allowed"),
    [
        ("it >= 0", "Integer", {}, {3}),
        ("it between 7 and 8", "SmallInteger", {}, {7, 8}),
        ("it > 1 and it <> 2", "Integer", {}, {1003}),
        ("not (it < 100)", "Float", {}, {Decimal("1003.5")}),
        ("it in ('AB', 'CD')", "String", {"length": 2}, {"AB", "CD"}),
        ("it = false", "Boolean", {}, {False}),
        ("it <> 'b'", "Enum", {"values": ["a", "b", "c"]}, {"a", "c"}),
    ],
)
def test_values_meet_checks(
    check: str, kind: str, members: dict[str, Any], allowed: set[object]
) -> None:
    assert value(check, kind, **members) in allowed


def test_a_row_needs_those_that_it_must_refer_to() -> None:
    plan = plan_of(
        table("users", ID),
        table(
            "posts",
            ID,
            key("author_id", "users.id"),
            key("editor_id", "users.id") | {"nullable": True},
        ),
    )
    factory = make_factories(plan)["posts"]
    assert [(parent.variable, parent.target.table_name) for parent in factory.parents] == [
        ("author", "users")
    ]
    assert dict(factory.values) == {"author_id": "author['id']"}


def test_a_cycle_that_must_be_filled_is_an_obstacle() -> None:
    plan = plan_of(table("a", ID, key("b_id", "b.id")), table("b", ID, key("a_id", "a.id")))
    factories = make_factories(plan)
    assert all("leads back" in (factories[name].obstacle or "") for name in ("a", "b"))


def test_a_row_may_refer_to_itself_where_its_key_is_sent() -> None:
    itself = make_factories(plan_of(table("nodes", CODE, key("parent", "nodes.code"))))["nodes"]
    assert itself.obstacle is None
    assert dict(itself.values)["parent"] == dict(itself.values)["code"]
    counted = make_factories(plan_of(table("nodes", ID, key("parent", "nodes.id"))))["nodes"]
    assert counted.obstacle is not None


def test_parts_of_several_keys_agree() -> None:
    plan = plan_of(
        table("orders", ID),
        table(
            "lines",
            key("order_id", "orders.id", primary_key=True),
            column("number", "Integer", primary_key=True),
        ),
        table(
            "parcels",
            ID,
            key("order_id", "orders.id"),
            column("number", "Integer"),
            foreign_keys=[
                {
                    "columns": ["order_id", "number"],
                    "target_table": "lines",
                    "target_columns": ["order_id", "number"],
                }
            ],
        ),
    )
    factory = make_factories(plan)["parcels"]
    assert [parent.target.table_name for parent in factory.parents] == ["lines"]
    assert {name for name, _ in factory.values} == {"order_id", "number"}


def test_few_values_allow_few_rows() -> None:
    plan = plan_of(table("flags", column("on", "Boolean", primary_key=True)), table("notes", ID))
    factories = make_factories(plan)
    assert factories["flags"].capacity == 2
    assert factories["notes"].capacity > 1000


def test_deleting_is_tried_with_every_kind_of_reference() -> None:
    plan = plan_of(
        table("users", ID),
        table("posts", ID, key("user_id", "users.id", on_delete="CASCADE")),
        table("bills", ID, key("user_id", "users.id", on_delete="RESTRICT")),
        table("logs", ID, key("user_id", "users.id", on_delete="SET NULL") | {"nullable": True}),
    )
    trials = make_trials(plan, make_resources(plan))
    assert {child.child.table_name: child.effect for child in trials["users"].children} == {
        "posts": "deleted",
        "bills": "refused",
        "logs": "emptied",
    }


def trial_of(name: str, *tables: dict[str, Any]) -> Trial:
    plan = plan_of(*tables)
    return make_trials(plan, make_resources(plan))[name]


def test_relationships_are_walked_from_the_side_with_the_key() -> None:
    users = table("users", ID)
    posts = table("posts", ID, key("author_id", "users.id"))
    entry = {
        "target_table": "users",
        "target_class": "Users",
        "type": "many_to_one",
        "foreign_key": "author_id",
        "back_populates": "posts",
    }
    posts["relationships"] = [entry]
    [walked] = trial_of("posts", users, posts).relations
    assert (walked.attribute, walked.back_populates, walked.pairs) == (
        "author",
        "posts",
        (("author_id", "id"),),
    )


def test_every_value_of_an_enum_is_tried_where_rows_may_differ_in_it_alone() -> None:
    kind = column("kind", "Enum", values=["a", "b"])
    assert [c.values for c in trial_of("it", table("it", ID, kind)).choices] == [("a", "b")]
    assert trial_of("it", table("it", ID, kind | {"unique": True})).choices == ()
    assert trial_of("it", table("it", ID, kind, checks=["kind <> 'b'"])).choices == ()


def test_checks_on_several_columns_are_broken_too() -> None:
    low, high = column("low", "Integer"), column("high", "Integer")
    [values] = trial_of("it", table("it", ID, low, high, checks=["low < high"])).broken_checks
    told = {name: int(source) for name, source in values}
    assert told["low"] >= told["high"]


def test_unique_references_that_may_be_null_are_tried_with_a_parent() -> None:
    owner = key("owner_id", "users.id") | {"nullable": True, "unique": True}
    [unique] = trial_of("desks", table("users", ID), table("desks", ID, owner)).open_uniques
    assert unique.columns == ("owner_id",)
    assert [parent.target.table_name for parent in unique.parents] == ["users"]


def test_defaults_are_told_as_the_api_shows_them() -> None:
    price = column("price", "Numeric", precision=6, scale=2, default=1.5)
    day = column("day", "Date", default="2024-02-29")
    assert trial_of("it", table("it", ID, price, day)).defaults == (
        ("price", "'1.50'"),
        ("day", "'2024-02-29'"),
    )


def test_rows_are_counted_anew_in_each_test() -> None:
    """So that what a test sees does not depend on the tests that ran before it."""
    plan = plan_of(table("users", ID, column("name", "String", length=20)))
    factory = render(plan)["tests/factories/users.py"]
    assert 'number = number_of(session, "users")' in factory
    assert "count(" not in factory


def test_many_checks_on_one_column_each_leave_one_on_two_to_be_met() -> None:
    columns = [column(f"a{place}", "Integer") for place in range(12)]
    checks = [f"a{place} > 500" for place in range(10)] + ["a10 = 7", "a10 < a11", "a11 < 1000"]
    plan = plan_of(table("things", ID, *columns, checks=checks))
    made = make_factories(plan)["things"].specimens
    assert [made[f"a{place}"].value(3) for place in (0, 10, 11)] == [1003, 7, 999]


def test_a_row_whose_default_refers_to_nothing_is_no_example() -> None:
    """FastAPI shows no nulls, so who sends what is shown would get the default."""
    reference = {"type": "ForeignKey", "target": "users.id"}
    plan = plan_of(
        table("users", ID, column("name", "String", length=9)),
        table("posts", ID, reference | {"name": "author_id", "default": 7}),
        table("notes", ID, reference | {"name": "author_id"}),
        table(
            "likes", ID, reference | {"name": "post_id", "target": "posts.id", "nullable": False}
        ),
    )
    assert make_examples(plan, make_factories(plan)) == {
        "users": {"name": "000001"},
        "posts": None,
        "notes": {},
        "likes": None,
    }
