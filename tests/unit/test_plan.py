"""The plan: what a document's tables, keys, defaults and relationships are decided to be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from common.document.limits import DocumentLimits
from common.document.read import read_document
from workers.plan import ColumnPlan, Plan, RelationshipPlan, make_plan
from workers.plan.wire_types import FIELD_NAMES

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.json"))
ID: dict[str, Any] = {
    "name": "id",
    "type": "Integer",
    "primary_key": True,
    "autoincrement": True,
}


def plan_of(*tables: dict[str, Any], db_type: str = "postgresql") -> Plan:
    document = {"project_name": "case", "db_type": db_type, "schema": list(tables)}
    reading = read_document(document, DocumentLimits())
    assert reading.faults == ()
    assert reading.resolved is not None
    return make_plan(reading.resolved)


def table(name: str, *columns: dict[str, Any], **members: Any) -> dict[str, Any]:
    class_name = name.title().replace("_", "")
    return {"table_name": name, "class_name": class_name, "columns": list(columns), **members}


def column_of(definition: dict[str, Any], db_type: str = "postgresql") -> ColumnPlan:
    plan = plan_of(table("things", ID, {"name": "it", **definition}), db_type=db_type)
    return plan.model("things").column("it")


def reference(name: str, target: str, **members: Any) -> dict[str, Any]:
    return {"name": name, "type": "ForeignKey", "target": target, **members}


def related(target: str, key: str, kind: str = "many_to_one") -> dict[str, Any]:
    return {
        "target_table": target,
        "target_class": target.title(),
        "type": kind,
        "foreign_key": key,
    }


def arguments(relationship: RelationshipPlan) -> dict[str, str]:
    return dict(relationship.arguments)


@pytest.mark.parametrize(
    ("definition", "db_type", "sql_type", "annotation"),
    [
        ({"type": "String", "length": 20}, "postgresql", "sa.String(20)", "str | None"),
        ({"type": "String"}, "postgresql", "sa.String()", "str | None"),
        ({"type": "String"}, "mysql", "sa.String(255)", "str | None"),
        ({"type": "Float"}, "mysql", "sa.Double()", "float | None"),
        (
            {"type": "Numeric", "precision": 8, "scale": 2, "nullable": False},
            "sqlite",
            "sa.Numeric(8, 2)",
            "Decimal",
        ),
        ({"type": "Numeric"}, "postgresql", "sa.Numeric()", "Decimal | None"),
        ({"type": "Numeric"}, "mysql", "sa.Numeric(28, 10)", "Decimal | None"),
        ({"type": "DateTime"}, "mssql", "column_types.UtcDateTime()", "dt.datetime | None"),
        ({"type": "JSON"}, "sqlite", "column_types.Json(none_as_null=True)", "Any | None"),
    ],
)
def test_types(definition: dict[str, Any], db_type: str, sql_type: str, annotation: str) -> None:
    column = column_of(definition, db_type)
    assert (column.sql_type, column.annotation) == (sql_type, annotation)


@pytest.mark.parametrize(
    ("definition", "python", "server"),
    [
        ({"type": "Integer", "default": 7}, "7", "sa.text('7')"),
        ({"type": "Boolean", "default": False}, "False", "sa.false()"),
        ({"type": "String", "default": "it's"}, '"it\'s"', '"it\'s"'),
        ({"type": "String", "default": ""}, "''", "sa.text(\"''\")"),
        ({"type": "Numeric", "default": 1.5}, 'Decimal("1.5")', "sa.text('1.5')"),
        ({"type": "Numeric", "default": 2}, "Decimal(2)", "sa.text('2')"),
        ({"type": "Float", "default": 2}, "2.0", "sa.text('2.0')"),
        ({"type": "JSON", "default": {}}, "dict", "'{}'"),
        ({"type": "JSON", "default": {"a": [1]}}, "lambda: {'a': [1]}", "'{\"a\": [1]}'"),
        ({"type": "Date", "default": "2026-01-31"}, "dt.date(2026, 1, 31)", "'2026-01-31'"),
        (
            {"type": "DateTime", "default": "2026-01-31T12:00:00+02:00"},
            "dt.datetime(2026, 1, 31, 10, 0, tzinfo=dt.UTC)",
            "'2026-01-31 10:00:00+00:00'",
        ),
        ({"type": "Enum", "values": ["a b", "c"], "default": "a b"}, "ThingsIt.A_B", "'a b'"),
        ({"type": "String", "default": None}, None, None),
        ({"type": "String"}, None, None),
    ],
)
def test_defaults(definition: dict[str, Any], python: str | None, server: str | None) -> None:
    column = column_of(definition)
    assert (column.python_default, column.server_default) == (python, server)


def test_mysql_has_no_default_for_text() -> None:
    column = column_of({"type": "Text", "default": "x"}, "mysql")
    assert (column.python_default, column.server_default) == ("'x'", None)


def test_mysql_has_whole_seconds_in_the_model_and_in_the_table() -> None:
    column = column_of({"type": "Time", "default": "23:59:59.9"}, "mysql")
    assert (column.python_default, column.server_default) == ("dt.time(23, 59, 59)", "'23:59:59'")
    column = column_of({"type": "Interval", "default": "-PT1.5S"}, "mysql")
    assert column.server_default == "'1969-12-31 23:59:59.000000'"


def test_who_makes_the_key() -> None:
    plan = plan_of(
        table("counted", ID),
        table("sent", {"name": "id", "type": "Integer", "primary_key": True}),
        table("drawn", {"name": "id", "type": "UUID", "primary_key": True}),
        table("shared", reference("id", "drawn.id", primary_key=True)),
        table("big", {**ID, "type": "BigInteger"}),
    )
    counted, sent, drawn, shared, big = (
        plan.model(name).primary_key[0] for name in ("counted", "sent", "drawn", "shared", "big")
    )
    assert counted.generated
    assert not sent.optional_on_create
    assert sent.counts_nothing
    assert drawn.python_default == "uuid4"
    assert shared.python_default is None
    assert not shared.optional_on_create
    assert big.sql_type == 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'


def test_a_part_of_a_key_is_counted_by_the_application() -> None:
    plan = plan_of(
        table("lines", ID, {"name": "language", "type": "String", "length": 2, "primary_key": True})
    )
    part = plan.model("lines").column("id")
    assert not part.autoincrement, "SQLite could not"
    assert part.python_default == "column_types.next_number"
    assert part.generated
    assert plan.uses_counters


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        (["users"], ("auth_users", "AuthUser", "/auth")),
        (["auth_users"], ("auth_users_2", "AuthUser2", "/auth")),
        (["auth", "auth_users", "auth_users_2"], ("auth_users_3", "AuthUser3", "/auth_")),
        (["auth_user"], ("auth_users_2", "AuthUser2", "/auth")),
    ],
)
def test_users_get_a_table_that_nobody_else_has(
    tables: list[str], expected: tuple[str, str, str]
) -> None:
    document = {
        "project_name": "case",
        "db_type": "sqlite",
        "schema": [table(name, ID) for name in tables],
        "options": {"auth": "jwt"},
    }
    reading = read_document(document, DocumentLimits())
    assert reading.resolved is not None
    plan = make_plan(reading.resolved)
    assert plan.accounts is not None
    users = plan.accounts.model
    assert (users.table_name, users.class_name, plan.accounts.route_path) == expected
    assert sorted(model.table_name for model in plan.models) == sorted(tables)
    assert plan.build_order[-1] == users


def test_a_column_called_like_a_keyword_keeps_its_name_outside() -> None:
    plan = plan_of(table("things", ID, {"name": "class", "type": "Text"}))
    column = plan.model("things").column("class")
    assert (column.name, column.attribute, column.renamed) == ("class", "class_", True)


def test_a_class_of_the_document_wins_over_an_import() -> None:
    plan = plan_of(
        {**table("ids", {"name": "id", "type": "UUID", "primary_key": True}), "class_name": "UUID"}
    )
    column = plan.model("ids").primary_key[0]
    assert column.python_type == "StdUUID"
    assert column.python_imports == ("from uuid import UUID as StdUUID",)


def test_constraints_are_said_inline_where_the_convention_names_them() -> None:
    plan = plan_of(
        table(
            "a",
            ID,
            {"name": "b_c", "type": "Integer", "index": True},
            {"name": "code", "type": "String", "length": 5, "unique": True, "index": True},
            unique=[["b_c", "code"]],
        ),
        table("a_b", ID, {"name": "c", "type": "Integer", "index": True}),
    )
    first, second = plan.model("a"), plan.model("a_b")
    assert [(i.name, i.inline) for i in first.indexes] == [("ix_a_b_c", True)]
    assert [i.inline for i in second.indexes] == [False], "the same name can't be given twice"
    assert [(u.name, u.inline, u.indexed) for u in first.uniques] == [
        ("ix_a_code", True, True),
        ("uq_a_b_c_code", False, False),
    ]


def test_names_fit_and_are_unique_in_the_schema() -> None:
    long = "a" * 60
    plan = plan_of(
        table(long, ID, {"name": "b" * 60, "type": "Integer", "index": True, "unique": True}),
        table(f"{long}x", ID, reference("c" * 60, f"{long}.id", index=True)),
    )
    names = [
        name
        for one in plan.models
        for name in (
            one.primary_key_name,
            *(key.name for key in one.foreign_keys),
            *(unique.name for unique in one.uniques),
            *(index.name for index in one.indexes),
        )
    ]
    assert all(len(name) <= 63 for name in names)
    assert len(set(names)) == len(names)


def test_cycles_of_keys_are_closed_after_the_tables() -> None:
    plan = plan_of(
        table("a", ID, reference("b_id", "b.id"), relationships=[related("b", "b_id")]),
        table("b", ID, reference("a_id", "a.id"), relationships=[related("a", "a_id")]),
    )
    (key,) = plan.cyclic_keys
    assert key.named
    owner = plan.model(key.table)
    (relationship,) = [
        one for one in owner.relationships if one.foreign_key == key and one.owns_key
    ]
    assert arguments(relationship)["post_update"] == "True"


def test_relationships_of_several_keys_say_which() -> None:
    plan = plan_of(
        table("people", ID),
        table(
            "letters",
            ID,
            reference("from_id", "people.id"),
            reference("to_id", "people.id"),
            relationships=[related("people", "from_id"), related("people", "to_id")],
        ),
    )
    said = {arguments(one)["foreign_keys"] for one in plan.model("letters").relationships}
    assert said == {"'Letters.from_id'", "'Letters.to_id'"}
    assert {arguments(one)["foreign_keys"] for one in plan.model("people").relationships} == said


def test_a_self_reference_knows_its_far_side() -> None:
    plan = plan_of(
        table(
            "people",
            ID,
            reference("boss_id", "people.id"),
            relationships=[related("people", "boss_id")],
        )
    )
    sides = {one.owns_key: arguments(one) for one in plan.model("people").relationships}
    assert sides[True]["remote_side"] == "'People.id'"
    assert sides[False]["passive_deletes"] == '"all"'
    assert "remote_side" not in sides[False]


def test_a_link_to_itself_is_joined_by_hand() -> None:
    many = {"target_table": "people", "target_class": "People", "type": "many_to_many"}
    plan = plan_of(table("people", ID, relationships=[{**many, "name": "friends"}]))
    friends = next(one for one in plan.model("people").relationships if one.wire_name == "friends")
    assert friends.link is not None
    assert friends.link.made
    symbol = friends.link.symbol
    column = friends.link.local.columns[0]
    assert arguments(friends)["primaryjoin"] == f"lambda: People.id == {symbol}.c.{column}"
    assert f"from app.models.{symbol} import {symbol}" in plan.model("people").model_imports


def test_relationships_that_write_the_same_columns_say_so() -> None:
    many = {"type": "many_to_many", "secondary": "tagging"}
    plan = plan_of(
        table(
            "posts",
            ID,
            relationships=[{**many, "target_table": "tags", "target_class": "Tags"}],
        ),
        table("tags", ID),
        table(
            "tagging",
            reference("post_id", "posts.id", primary_key=True),
            reference("tag_id", "tags.id", primary_key=True),
            relationships=[
                {
                    "target_table": "posts",
                    "target_class": "Posts",
                    "type": "many_to_one",
                    "foreign_key": "post_id",
                }
            ],
        ),
    )
    (post,) = [one for one in plan.model("tagging").relationships if one.wire_name == "post"]
    assert "tags" in arguments(post)["overlaps"]


def test_fields_of_schemas_do_not_hide_their_types() -> None:
    columns = [
        {"name": name, "type": "Interval"} for name in ("Duration", "Moment", "PlainDecimal")
    ]
    model = plan_of(table("things", ID, *columns)).model("things")
    assert {column.attribute for column in model.columns}.isdisjoint(FIELD_NAMES)


@pytest.mark.parametrize(
    ("more", "options"),
    [
        ({"name": "amount", "type": "Integer", "nullable": False}, {}),
        ({"name": "amount", "type": "Integer"}, {"use_soft_delete": True}),
    ],
)
def test_a_link_with_values_of_its_own_is_only_looked_at(
    more: dict[str, Any], options: dict[str, Any]
) -> None:
    many = {"type": "many_to_many", "secondary": "lines"}
    plan = plan_of(
        table(
            "orders",
            ID,
            relationships=[{**many, "target_table": "goods", "target_class": "Goods"}],
        ),
        table("goods", ID),
        table(
            "lines",
            reference("order_id", "orders.id", primary_key=True),
            reference("good_id", "goods.id", primary_key=True),
            more,
            relationships=[related("orders", "order_id")],
            options=options,
        ),
    )
    for name, far in (("orders", "goods"), ("goods", "orders")):
        (many_side,) = [one for one in plan.model(name).relationships if one.link]
        assert many_side.target_table == far
        assert arguments(many_side) == {
            "secondary": "'lines'",
            "viewonly": "True",
            "lazy": '"raise"',
        }
    (order,) = plan.model("lines").relationships
    assert "overlaps" not in arguments(order)


def test_a_declared_timestamp_overrides_the_mixins() -> None:
    options = {"use_timestamps": True, "use_soft_delete": True}
    declared = {"name": "created_at", "type": "DateTime", "nullable": False}
    model = plan_of(table("things", ID, declared, options=options)).model("things")
    assert model.mixins == ("TimestampMixin", "SoftDeleteMixin")
    own = [column.name for column in model.columns if not column.from_mixin]
    assert own == ["id", "created_at"]
    assert model.column("created_at").generated


def test_a_nullable_timestamp_needs_the_model_to_declare_both() -> None:
    declared = {"name": "created_at", "type": "DateTime"}
    model = plan_of(
        table("things", ID, declared, options={"use_timestamps": True}),
    ).model("things")
    assert model.mixins == ()
    assert not any(column.from_mixin for column in model.columns)


def test_checks_are_expressions_of_their_columns() -> None:
    price = {"name": "price", "type": "Numeric", "precision": 8, "scale": 2}
    model = plan_of(
        table("things", ID, price, checks=["price >= 0.5 and not price = 7", "price is not null"])
    ).model("things")
    assert [check.expression for check in model.checks] == [
        "sa.and_(sa.column('price') >= sa.literal_column('0.5'), sa.not_(sa.column('price') == 7))",
        "sa.column('price').is_not(None)",
    ]
    assert len({check.name for check in model.checks}) == 2


def test_the_migration_is_named_after_what_the_document_means() -> None:
    one, same, other = plan_of(table("a", ID)), plan_of(table("a", ID)), plan_of(table("b", ID))
    assert one.revision == same.revision
    assert one.revision != other.revision


@pytest.mark.parametrize(
    "path", sorted(Path("examples").glob("*.json")), ids=lambda path: path.stem
)
def test_attributes_of_a_model_are_distinct(path: Path) -> None:
    reading = read_document(json.loads(path.read_bytes()), DocumentLimits())
    assert reading.resolved is not None
    plan = make_plan(reading.resolved)
    for model in plan.models:
        names = [column.attribute for column in model.columns]
        names += [relationship.attribute for relationship in model.relationships]
        assert len(set(names)) == len(names)
        assert all(name.isidentifier() for name in names)
