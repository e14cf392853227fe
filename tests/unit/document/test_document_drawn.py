"""Documents drawn at random, from few names, so that everything collides with everything."""

from __future__ import annotations

import keyword

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from common.document.limits import DocumentLimits
from common.document.read import read_document
from common.document.resolved import ColumnType
from workers.checks.expected import expect

TABLES = ["users", "posts", "class", "_odd", "user_posts"]
COLUMNS = ["author_id", "parent_id", "user", "posts", "class_id", "users_by_author", "id_", "Posts"]
ATTRIBUTES = ["author", "posts", "user", "children", "fans", "posts_2"]
KINDS = ["one_to_many", "many_to_one", "one_to_one", "many_to_many"]


def class_of(table):
    return "Class" + table.title().replace("_", "")


@st.composite
def tables(draw, name, others):
    columns = [
        {"name": "id", "type": draw(st.sampled_from(["Integer", "UUID"])), "primary_key": True}
    ]
    for column in draw(st.lists(st.sampled_from(COLUMNS), unique_by=str.lower, max_size=4)):
        if draw(st.booleans()):
            target = f"{draw(st.sampled_from(others))}.id"
            made = {"name": column, "type": "ForeignKey", "target": target}
        else:
            made = {"name": column, "type": "String", "length": 20}
        columns.append(made | {"unique": draw(st.booleans()), "nullable": draw(st.booleans())})
    return {"table_name": name, "class_name": class_of(name), "columns": columns}


def maybe(values):
    return st.none() | st.sampled_from(values)


@st.composite
def documents(draw):
    """Documents of which about half are without faults."""
    names = draw(st.lists(st.sampled_from(TABLES), unique=True, min_size=1))
    schema = [draw(tables(name, names)) for name in names]
    for table in schema:
        keys = [one for one in table["columns"] if one["type"] == "ForeignKey"]
        entries = table["relationships"] = []
        for key in keys:
            if draw(st.booleans()):
                target = key["target"].partition(".")[0]
                kind = draw(st.sampled_from(["many_to_one", "one_to_one"]))
                entries.append((target, kind, key["name"]))
        if draw(st.booleans()):
            entries.append((draw(st.sampled_from(names)), "many_to_many", None))
        table["relationships"] = [
            {
                "target_table": target,
                "target_class": class_of(target),
                "type": kind,
                "foreign_key": column,
                "name": draw(maybe(ATTRIBUTES)),
                "back_populates": draw(maybe(ATTRIBUTES)),
            }
            for target, kind, column in entries
        ]
    return {"project_name": "drawn", "db_type": "postgresql", "schema": schema}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(raw=documents())
def test_what_is_accepted_holds_together(raw):
    document = read_document(raw, DocumentLimits()).resolved
    event("accepted" if document else "refused")
    if document is None:
        return
    made = {link.name: link for link in document.made_links}
    names = [*(table.name for table in document.tables), *made]
    assert len({name.lower() for name in names}) == len(names)
    assert max(map(len, names)) <= 63
    assert sorted(document.build_order) == sorted(names)
    for table in document.tables:
        check_columns(table)
        check_attributes(document, table)
        for key in table.foreign_keys:
            target = document.table(key.target_table)
            for own, theirs in zip(key.columns, key.target_columns, strict=True):
                assert table.column(own).type is target.column(theirs).type
    for link in made.values():
        assert len({column.name.lower() for column in link.columns}) == len(link.columns)
        owned = [name for key in link.foreign_keys for name in key.columns]
        assert owned == [column.name for column in link.columns]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(raw=documents())
def test_the_check_of_the_schema_expects_the_tables_that_are_made(raw):
    """It reads the document by itself; about the tables between, both readings have to agree."""
    reading = read_document(raw, DocumentLimits())
    if reading.resolved is None:
        return
    made = {
        tuple(sorted(key.target_table for key in link.foreign_keys))
        for link in reading.resolved.made_links
    }
    assert {link.between for link in expect(reading.document).links} == made


def check_columns(table):
    assert table.primary_key
    for column in table.columns:
        assert isinstance(column.type, ColumnType)
        assert not (column.primary_key and column.nullable)
    assert {key.table for key in table.foreign_keys} <= {table.name}


def check_attributes(document, table):
    columns = {column.name for column in table.columns}
    attributes = [side.name for side in table.relationships]
    assert len(set(attributes)) == len(attributes)
    assert columns.isdisjoint(attributes)
    for side in table.relationships:
        assert side.name.isidentifier()
        assert not keyword.iskeyword(side.name)
        (other,) = (
            one
            for one in document.table(side.target_table).relationships
            if one.name == side.back_populates and one is not side
        )
        assert (other.target_table, other.back_populates) == (table.name, side.name)
        if side.link is None:
            owner, owned = (side, other) if side.owns_key else (other, side)
            assert owner.foreign_key == owned.foreign_key
            assert (owner.owns_key, owned.owns_key) == (True, False)
            assert owner.foreign_key.table == owned.target_table
            if side.kind == "one_to_one":
                keys = document.table(owner.foreign_key.table)
                assert all(
                    keys.column(name).unique or keys.column(name).primary_key
                    for name in owner.foreign_key.columns
                )
        else:
            assert (side.link.local, side.link.remote) == (other.link.remote, other.link.local)
            assert side.link.local.target_table == table.name
            assert side.link.local.table == side.link.table
