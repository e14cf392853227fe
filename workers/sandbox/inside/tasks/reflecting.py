"""What a database holds: read by reflection, from the database alone.

Nothing of the project is imported here, so that nothing of it can have a say.
"""

from __future__ import annotations

import zlib
from typing import Any

import sqlalchemy as sa

from ..job import Job, read_input
from .verdict import passed


def reflect_database(job: Job) -> dict[str, Any]:
    """Reflect the SQLite file that the second input holds, compressed; `tables` by their names."""
    path = job.folder / "reflected.sqlite"
    content = zlib.decompressobj().decompress(read_input(job.inputs[1]), job.limits["file_bytes"])
    path.write_bytes(content)
    engine = sa.create_engine(f"sqlite:///{path}")
    return passed(engine="sqlite", tables=read_tables(sa.inspect(engine)))


def read_tables(inspector: sa.Inspector) -> dict[str, Any]:
    """All tables but Alembic's own, by their names; `workers.checks.found` is the form."""
    names = [name for name in inspector.get_table_names() if name != "alembic_version"]
    return {name: _table(inspector, name) for name in names}


def _table(inspector: sa.Inspector, name: str) -> dict[str, Any]:
    columns = [_column(column) for column in inspector.get_columns(name)]
    indexes = inspector.get_indexes(name)
    uniques: list[Any] = [
        unique["column_names"] for unique in inspector.get_unique_constraints(name)
    ]
    uniques += [index["column_names"] for index in indexes if index["unique"]]
    return {
        "columns": columns,
        "primary_key": inspector.get_pk_constraint(name)["constrained_columns"],
        "foreign_keys": [
            {
                "columns": key["constrained_columns"],
                "target_table": key["referred_table"],
                "target_columns": key["referred_columns"],
                "on_delete": key["options"].get("ondelete", "NO ACTION"),
            }
            for key in inspector.get_foreign_keys(name)
        ],
        "uniques": uniques,
        "indexes": [index["column_names"] for index in indexes],
        "checks": [check["sqltext"] for check in inspector.get_check_constraints(name)],
    }


def _column(column: Any) -> dict[str, Any]:  # noqa: ANN401 - SQLAlchemy's own loose type
    kind = column["type"]
    return {
        "name": column["name"],
        "type": kind.__visit_name__.upper(),
        "length": getattr(kind, "length", None),
        "precision": getattr(kind, "precision", None),
        "scale": getattr(kind, "scale", None),
        "values": list(getattr(kind, "enums", ())),
        "nullable": column["nullable"],
        "default": column["default"],
    }
