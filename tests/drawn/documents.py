"""Documents without faults, drawn at random: all that the language has, in few tables.

They are built to be valid; what two choices made wrong together is thrown away by `valid`.
"""

from __future__ import annotations

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from common.document.limits import DocumentLimits
from common.document.read import Reading, read_document
from tests.drawn.values import (
    KEYS,
    TABLES,
    TEXTS,
    UNIQUE,
    WORDS,
    conditions,
    defaults,
    described,
    typed,
)

Json = dict[str, Any]
DB_TYPES = ["sqlite", "postgresql", "mysql", "mssql"]


def class_of(table: str) -> str:
    """A class name that no other table of the pool has."""
    return f"T{table.title().replace('_', '')}"


@st.composite
def keys(draw: st.DrawFn, name: str) -> list[Json]:
    """The primary key of a table: of one column that counts up or not, or of several."""
    shape = draw(st.sampled_from(["counts", "counts", "given", "several"]))
    if shape == "counts":
        kind = draw(st.sampled_from(["Integer", "BigInteger", "SmallInteger"]))
        column = {"name": "id", "type": kind, "primary_key": True}
        return [column | {"autoincrement": draw(st.booleans())}]
    if shape == "given":
        called = draw(st.sampled_from(["id", "code", f"{name}_id"[:63], "class", "key"]))
        return [{"name": called, **draw(typed(KEYS)), "primary_key": True}]
    names = draw(st.permutations(["part", "number", "from"]))[:2]
    return [{"name": one, **draw(typed(KEYS)), "primary_key": True} for one in names]


@st.composite
def tables(draw: st.DrawFn, name: str) -> Json:
    """A table without foreign keys."""
    columns = draw(keys(name))
    taken = {column["name"].lower() for column in columns}
    pool = [word for word in WORDS if word.lower() not in taken and word != "created_at"]
    for word in draw(st.lists(st.sampled_from(pool), max_size=5, unique_by=str.lower)):
        column = {"name": word, **draw(typed()), "nullable": draw(st.booleans())}
        if draw(st.integers(0, 2)) == 0:
            column["default"] = draw(defaults(column))
        if column["type"] in UNIQUE:
            column["unique"] = draw(st.integers(0, 4)) == 0
            column["index"] = draw(st.integers(0, 3)) == 0
        if text := draw(described()):
            column["description"] = text
        columns.append(column)
    table: Json = {
        "table_name": name,
        "class_name": class_of(name),
        "columns": columns,
        "options": {"use_timestamps": draw(st.booleans()), "use_soft_delete": draw(st.booleans())},
        "relationships": [],
    }
    if text := draw(described()):
        table["description"] = text
    checked = [column for column in columns[1:] if "default" not in column]
    if checked and (check := draw(conditions(draw(st.sampled_from(checked))))):
        table["checks"] = [check]
    pairs = [column["name"] for column in columns if column["type"] in UNIQUE]
    if len(pairs) > 1 and draw(st.booleans()):
        table[draw(st.sampled_from(["unique", "indexes"]))] = [pairs[-2:]]
    return table


@st.composite
def references(draw: st.DrawFn, own: Json, target: Json) -> None:
    """Add a foreign key from one table to another (or to itself), and perhaps a relationship."""
    key = [column for column in target["columns"] if column.get("primary_key")]
    others = [column for column in target["columns"] if column.get("unique")]
    taken = {column["name"].lower() for column in own["columns"]}
    stem = draw(st.sampled_from(["author_id", "parent_id", "class_id", "other", "user_key"]))
    action = draw(st.sampled_from(["NO ACTION", "RESTRICT", "CASCADE", "SET NULL"]))
    if len(key) > 1 and not others:
        names = [f"{stem}_{number}" for number in range(len(key))]
        if taken.intersection(names):
            return
        kept = {"type", "length", "values", "precision", "scale"}
        own["columns"] += [
            {"name": name} | {member: said for member, said in column.items() if member in kept}
            for name, column in zip(names, key, strict=True)
        ]
        own.setdefault("foreign_keys", []).append(
            {
                "columns": names,
                "target_table": target["table_name"],
                "target_columns": [column["name"] for column in key],
                "on_delete": action,
            }
        )
        column_name = names[0]
    else:
        aimed = draw(st.sampled_from(others or key))
        column_name = stem
        if stem in taken:
            return
        own["columns"].append(
            {
                "name": stem,
                "type": "ForeignKey",
                "target": f"{target['table_name']}.{aimed['name']}",
                "on_delete": action,
                "nullable": action == "SET NULL" or draw(st.booleans()),
                "unique": draw(st.integers(0, 3)) == 0,
                "index": draw(st.booleans()),
            }
        )
    if draw(st.booleans()):
        entry = {
            "target_table": target["table_name"],
            "target_class": target["class_name"],
            "type": draw(st.sampled_from(["many_to_one", "many_to_one", "one_to_one"])),
            "foreign_key": column_name,
        }
        if draw(st.booleans()):
            number = len(own["relationships"])
            entry["back_populates"] = f"seen_by_{number}_of_{own['table_name'][:20]}"
        own["relationships"].append(entry)


@st.composite
def links(draw: st.DrawFn, schema: list[Json]) -> None:
    """Add a many-to-many relationship, which gets a table of its own."""
    left, right = draw(st.sampled_from(schema)), draw(st.sampled_from(schema))
    entry = {
        "target_table": right["table_name"],
        "target_class": right["class_name"],
        "type": "many_to_many",
        "name": "linked",
        "back_populates": "linked_by",
    }
    if draw(st.booleans()):
        entry["secondary"] = "between"
    left["relationships"].append(entry)


@st.composite
def documents(draw: st.DrawFn) -> Json:
    """A document of one to four tables, mostly without faults."""
    names = draw(st.lists(st.sampled_from(TABLES), min_size=1, max_size=4, unique=True))
    schema = [draw(tables(name)) for name in names]
    for _ in range(draw(st.integers(0, 4))):
        draw(references(draw(st.sampled_from(schema)), draw(st.sampled_from(schema))))
    if draw(st.integers(0, 2)) == 0:
        draw(links(schema))
    if draw(st.integers(0, 4)) == 0:
        child = draw(st.sampled_from(schema))
        parent = draw(st.sampled_from(schema))
        _inherit(child, parent)
    return {
        "project_name": "drawn",
        "db_type": draw(st.sampled_from(DB_TYPES)),
        "description": draw(st.sampled_from(["A drawn one.", *[text for text in TEXTS if text]])),
        "schema": schema,
        "options": {"database_api": draw(st.sampled_from(["async", "sync"]))},
    }


def _inherit(child: Json, parent: Json) -> None:
    """Let a table's only key be a foreign key to another table's only key."""
    own = [column for column in child["columns"] if column.get("primary_key")]
    theirs = [column for column in parent["columns"] if column.get("primary_key")]
    if child is parent or len(own) != 1 or len(theirs) != 1:
        return
    name = own[0]["name"]
    own[0].clear()
    own[0].update(
        name=name,
        type="ForeignKey",
        primary_key=True,
        target=f"{parent['table_name']}.{theirs[0]['name']}",
        on_delete="CASCADE",
    )


@st.composite
def valid(draw: st.DrawFn) -> Reading:
    """A document that is accepted, as it was read."""
    reading = read_document(draw(documents()), DocumentLimits())
    assume(not reading.faults)
    return reading
