"""Names: always legal, never taken, the same each time."""

from __future__ import annotations

import enum
import keyword
import string

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import orm

from workers import naming

COLUMNS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,62}", fullmatch=True)
TABLES = st.from_regex(r"_{0,3}[a-z][a-z0-9_]{0,59}", fullmatch=True)


def is_name(text: str) -> bool:
    return text.isidentifier() and text.isascii() and not keyword.iskeyword(text)


@pytest.mark.parametrize(
    ("column", "attribute"),
    [
        ("title", "title"),
        ("type", "type"),
        ("class", "class_"),
        ("None", "None_"),
        ("metadata", "metadata_"),
        ("registry", "registry_"),
        ("model_config", "column_model_config_"),
        ("copy", "copy_"),
        ("schema", "schema_"),
        ("_id", "id_"),
        ("__dunder__", "dunder_"),
        ("sa", "sa_"),
        ("int", "int_"),
        ("Text", "Text_"),
        ("self", "self_"),
    ],
)
def test_attributes_keep_their_name_where_they_can(column: str, attribute: str) -> None:
    assert naming.attribute_name(column, taken=set()) == attribute


def test_an_attribute_makes_way_for_what_is_taken() -> None:
    assert naming.attribute_name("class", taken={"class_"}) == "class__"


@given(column=COLUMNS, taken=st.sets(COLUMNS, max_size=5))
def test_every_column_gets_a_legal_attribute(column: str, taken: set[str]) -> None:
    attribute = naming.attribute_name(column, taken)
    assert is_name(attribute)
    assert attribute not in taken
    assert not attribute.startswith("_")


def test_nothing_of_pydantic_or_sqlalchemy_is_a_free_attribute() -> None:
    class Base(orm.DeclarativeBase):
        pass

    class Row(Base):
        __tablename__ = "row"
        id: orm.Mapped[int] = orm.mapped_column(primary_key=True)

    theirs = {*dir(pydantic.BaseModel), *dir(Base)} - {"id"}
    assert [name for name in theirs if naming.is_free_attribute(name)] == []


@pytest.mark.parametrize(
    ("table", "module"),
    [
        ("posts", "posts"),
        ("class", "class_"),
        ("base", "base_"),
        ("enums", "enums_"),
        ("con", "con_"),
        ("__init", "table__init"),
    ],
)
def test_modules(table: str, module: str) -> None:
    assert naming.module_name(table, taken=set()) == module


@given(tables=st.lists(TABLES, unique=True, max_size=8))
def test_modules_and_paths_differ_where_tables_do(tables: list[str]) -> None:
    modules: list[str] = []
    for table in tables:
        modules.append(naming.module_name(table, modules))
    assert all(map(is_name, modules))
    assert len({module.lower() for module in modules}) == len(tables)
    paths = {naming.route_path(table) for table in tables}
    assert len(paths) == len(tables)
    assert all(set(path) <= set(string.ascii_lowercase + string.digits + "-/_") for path in paths)


def test_paths_of_the_application_stay_its_own() -> None:
    assert naming.route_path("health") == "/health_"
    assert naming.route_path("blog_posts") == "/blog-posts"


@given(values=st.lists(st.text(max_size=20), unique=True, min_size=1, max_size=12))
def test_enum_members_make_an_enum_with_the_same_values(values: list[str]) -> None:
    names = naming.enum_member_names(values)
    assert all(map(is_name, names))
    made = enum.StrEnum("made", dict(zip(names, values, strict=True)))  # type: ignore[misc]  # made from names that mypy can't see
    assert [member.value for member in made] == values


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("in review", "IN_REVIEW"),
        ("inReview", "IN_REVIEW"),
        ("mro", "MRO"),
        ("None", "NONE"),
        ("1", "VALUE_1"),
        ("", "BLANK"),
        ("é", "E"),
        ("→", "VALUE"),
        ("_sunder_", "SUNDER"),
    ],
)
def test_enum_members(value: str, name: str) -> None:
    assert naming.enum_member_names([value]) == (name,)


def test_values_that_look_alike_get_numbers() -> None:
    assert naming.enum_member_names(["a-b", "a b", "A_B"]) == ("A_B", "A_B_2", "A_B_3")


def test_enum_classes_keep_clear_of_everything_else() -> None:
    taken = naming.reserved_class_names({"Order", "OrderStatus"})
    assert naming.enum_class_name("Order", "state", taken) == "OrderState"
    assert naming.enum_class_name("Order", "status", taken) == "OrderStatusEnum"
    assert naming.enum_class_name("Order", "create", taken) == "OrderCreateEnum"


@given(wanted=st.text(min_size=1, max_size=200), taken=st.sets(st.text(max_size=70)))
def test_database_names_are_short_free_and_always_the_same(wanted: str, taken: set[str]) -> None:
    lowered = {name.lower() for name in taken}
    name = naming.database_name(wanted, lowered, identity="x")
    assert len(name.encode()) <= naming.MAX_IDENTIFIER_BYTES
    assert name.lower() not in lowered
    assert name == naming.database_name(wanted, lowered, identity="x")


def test_twins_are_told_apart_by_what_they_are_for() -> None:
    taken = {"ix_a_b_c"}
    first = naming.database_name("ix_a_b_c", taken, identity="table a")
    assert first.startswith("ix_a_b_c_")
    assert first != naming.database_name("ix_a_b_c", taken, identity="table a_b")


def test_project_names() -> None:
    assert naming.package_name("My_Shop--2") == "my-shop-2"
    assert naming.snake_case("HTTPRoute2Log") == "http_route2_log"
    assert naming.pascal_case("in_review") == "InReview"
