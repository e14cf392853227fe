"""Small documents, each another one: nothing that was made for one helps the next."""

from __future__ import annotations

import json
from typing import Any


def small_document(number: int, verify: str = "none", tables: int = 1) -> dict[str, Any]:
    """Of `tables` tables in a row, each of which refers to the one before."""
    schema = []
    for place in range(tables):
        columns: list[dict[str, Any]] = [
            {"name": "id", "type": "Integer", "primary_key": True},
            {"name": "title", "type": "String", "length": 80, "nullable": False},
            {"name": "size", "type": "Integer"},
        ]
        if place:
            target = f"shelf{place - 1}s.id"
            columns.append({"name": "shelf_id", "type": "ForeignKey", "target": target})
        schema.append(
            {"table_name": f"shelf{place}s", "class_name": f"Shelf{place}", "columns": columns}
        )
    return {
        "project_name": f"harmed-{number}",
        "db_type": "sqlite",
        "schema": schema,
        "run": {"verify": verify},
    }


def lines_of(documents: list[dict[str, Any]]) -> bytes:
    """As a batch takes them."""
    return b"\n".join(
        json.dumps({"custom_id": f"line-{number}", "body": document}).encode()
        for number, document in enumerate(documents, start=1)
    )


def body_of(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()
