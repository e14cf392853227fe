"""Documents as large in one of their parts as they may be, where that part costs the most."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from common.document.limits import DocumentLimits

Document = dict[str, Any]

_TABLES = range(50)
_LINKS = range(50)
_COLUMNS = [f"c{number}" for number in range(99)]
_LONG = "n" * 55
_ID = {"name": "id", "type": "Integer", "primary_key": True}


def _table(number: int, columns: list[Document] | None = None, **more: Any) -> Document:
    names = {"table_name": f"t{number}", "class_name": f"T{number}"}
    return {**names, "columns": [_ID, *(columns or [])], **more}


def _document(tables: list[Document], **more: Any) -> Document:
    return {"project_name": "heavy", "db_type": "sqlite", "schema": tables, **more}


def _link(number: int, **more: Any) -> Document:
    target = {"target_table": f"t{number}", "target_class": f"T{number}"}
    return {**target, "type": "many_to_many", **more}


def _checks(text: str) -> Document:
    """As many as there may be."""
    left = DocumentLimits().max_checks_length // len(text)
    tables = []
    for number in _TABLES:
        here = min(left, 100)
        left -= here
        tables.append(_table(number, [{"name": "c", "type": "String"}], checks=[text] * here))
    return _document(tables)


def _examples(example: Document, count: int, table: Document, **more: Any) -> Document:
    operation = {"method": "POST", "description": "Does it.", "body": "x = 1"}
    examples = [{"expect": {"status": 204}, **example}] * 100
    operations = [
        {**operation, "name": f"do{number}", "input": {"a": "JSON?"}, "examples": examples}
        for number in range(count // 100)
    ]
    return _document([table], operations=operations, **more)


def _empty_rows() -> Document:
    filled = {"type": "String", "nullable": False, "default": "x"}
    table = _table(0, [{"name": name, **filled} for name in _COLUMNS])
    table["columns"][0] = {**_ID, "autoincrement": True}
    return _examples({"given": {"t0": [{}] * 100}}, 2_500, table)


def _deep_values() -> Document:
    value = json.loads("[" * 80 + "]" * 80)
    return _examples({"call": {"a": value}}, 3_300, _table(0), description="x" * 1_001)


def _chain_of_keys() -> Document:
    """Each column of a primary key refers to the next one, through all tables."""
    kind = {"type": "Integer", "primary_key": True, "unique": True}
    tables = []
    for number in _TABLES:
        keys = [
            {"columns": [name], "target_table": f"t{number}", "target_columns": [target]}
            for name, target in pairwise(_COLUMNS)
        ]
        if number + 1 in _TABLES:
            further = {"target_table": f"t{number + 1}", "target_columns": _COLUMNS[:1]}
            keys.append({"columns": _COLUMNS[-1:], **further})
        columns = [{"name": name, **kind} for name in _COLUMNS]
        tables.append({**_table(number), "columns": columns, "foreign_keys": keys})
    return _document(tables)


def _links_of_wide_keys() -> Document:
    return _document(
        [
            {
                **_table(number),
                "columns": [{**_ID, "name": name} for name in _COLUMNS],
                "relationships": [
                    _link(number, name=f"a{other}", secondary=f"z{number}_{other}")
                    for other in _LINKS
                ],
            }
            for number in _TABLES
        ]
    )


def _links_that_are_looked_for() -> Document:
    """Every table could lie between any two."""
    return _document(
        [
            _table(
                number,
                [
                    {"name": name, "type": "ForeignKey", "target": f"t{(number + place) % 50}.id"}
                    for place, name in enumerate(_COLUMNS, 1)
                ],
                relationships=[
                    _link((number + place) % 50, name=f"a{place}", back_populates=f"b{place}")
                    for place in range(1, 51)
                ],
            )
            for number in _TABLES
        ]
    )


def _links_called_like_tables() -> Document:
    tables = [
        _table(
            number,
            relationships=[
                _link((number + 1) % 50, secondary=f"{_LONG}{number}_{other}") for other in _LINKS
            ],
        )
        for number in _TABLES
    ]
    for number, table in enumerate(tables):
        table["table_name"] = f"{_LONG}{number}"
        for link in table["relationships"]:
            link["target_table"] = f"{_LONG}{(number + 1) % 50}"
    return _document(tables)


def _links_of_one_name() -> Document:
    """What is before a letter is left out of the name of an attribute."""
    tables = [_table(number) for number in _TABLES]
    for number, table in enumerate(tables[1:], 1):
        table["table_name"] = "_" * number + "t"
        table["relationships"] = [_link(0) for _ in _LINKS]
    return _document(tables)


def _inputs_called_alike() -> Document:
    call = {f"{_LONG}{number}x": 1 for number in range(900)}
    document = _examples({"call": call}, 100, _table(0))
    [operation] = document["operations"]
    operation["examples"] = operation["examples"][:1]
    operation["input"] = {f"{_LONG}{number}": "Integer?" for number in range(900)}
    return document


DOCUMENTS: dict[str, Callable[[], Document]] = {
    "checks of many numbers": lambda: _checks(f"id in ({'1,' * 490}1)"),
    "checks of many texts": lambda: _checks("c in (" + "'a'," * 240 + "'a')"),
    "checks in parentheses": lambda: _checks(" or ".join(["(" * 19 + "id=1" + ")" * 19] * 21)),
    "checks of many comparisons": lambda: _checks(" and ".join(["id=1"] * 50)),
    "small checks": lambda: _checks("id=1"),
    "parentheses without an end": lambda: _checks("(" * 1_000),
    "empty rows": _empty_rows,
    "deep values beside a long description": _deep_values,
    "a chain of keys": _chain_of_keys,
    "tables between of wide keys": _links_of_wide_keys,
    "tables between that are looked for": _links_that_are_looked_for,
    "tables between called like tables": _links_called_like_tables,
    "attributes of one name": _links_of_one_name,
    "inputs called alike": _inputs_called_alike,
}
