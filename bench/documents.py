"""Documents of any size to measure with."""

from __future__ import annotations

from typing import Any


def document(table_count: int, *, project_name: str = "bench") -> dict[str, Any]:
    """A plausible document: tables of ten mixed columns, each referring to the one before it."""
    tables: list[dict[str, Any]] = []
    for number in range(table_count):
        columns: list[dict[str, Any]] = [
            {"name": "id", "type": "Integer", "primary_key": True, "autoincrement": True},
            {"name": "name", "type": "String", "length": 100, "nullable": False, "unique": True},
            {"name": "description", "type": "Text"},
            {"name": "price", "type": "Numeric", "precision": 10, "scale": 2, "nullable": False},
            {"name": "quantity", "type": "Integer", "nullable": False, "default": 0},
            {"name": "active", "type": "Boolean", "nullable": False, "default": True},
            {"name": "kind", "type": "Enum", "values": ["small", "medium", "large"]},
            {"name": "released_on", "type": "Date"},
            {"name": "reference", "type": "UUID"},
        ]
        relationships: list[dict[str, Any]] = []
        if number:
            columns.append(
                {
                    "name": "parent_id",
                    "type": "ForeignKey",
                    "target": f"table_{number - 1}.id",
                    "on_delete": "CASCADE",
                    "index": True,
                }
            )
            relationships.append(
                {
                    "target_table": f"table_{number - 1}",
                    "target_class": f"Table{number - 1}",
                    "type": "many_to_one",
                    "foreign_key": "parent_id",
                    "name": "parent",
                }
            )
        tables.append(
            {
                "table_name": f"table_{number}",
                "class_name": f"Table{number}",
                "description": f"Number {number} of the tables to measure with.",
                "options": {"use_timestamps": True, "use_soft_delete": number % 5 == 0},
                "columns": columns,
                "relationships": relationships,
            }
        )
    return {"project_name": project_name, "db_type": "sqlite", "schema": tables}
