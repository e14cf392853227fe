"""What a database holds: read by reflection, from the database alone.

Nothing of the project is imported here, so that nothing of it can have a say.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ..job import Job, read_input
from .mysql_texts import make_true
from .surroundings import open_engine
from .verdict import passed


def reflect_database(job: Job) -> dict[str, Any]:
    """Reflect the first of the `database_urls`, or the SQLite file that the second input holds.

    That is compressed. `tables` are by their names.
    """
    given = job.arguments.get("database_urls")
    if given:
        engine = open_engine(given[0])
    else:
        path = job.folder / "reflected.sqlite"
        compressed, most = read_input(job.inputs[1]), job.limits["file_bytes"]
        path.write_bytes(zlib.decompressobj().decompress(compressed, most))
        engine = open_engine(f"sqlite:///{path}")
    tables = read_tables(sa.inspect(engine))
    if engine.dialect.name == "mysql":
        make_true(tables, engine)
    return passed(engine=engine.dialect.name, tables=tables)


def read_tables(inspector: sa.Inspector) -> dict[str, Any]:
    """All tables but Alembic's own, by their names; `workers.checks.found` is the form.

    Each kind of thing is asked for once, of all tables: one by one it takes PostgreSQL seconds.
    """
    columns = _by_name(inspector.get_multi_columns())
    keys = _by_name(inspector.get_multi_pk_constraint())
    foreign_keys = _by_name(inspector.get_multi_foreign_keys())
    uniques = _by_name(inspector.get_multi_unique_constraints())
    indexes = _by_name(inspector.get_multi_indexes())
    checks = _by_name(inspector.get_multi_check_constraints())
    return {
        name: {
            "columns": [_column(column) for column in columns[name]],
            "primary_key": keys[name]["constrained_columns"],
            "foreign_keys": [_foreign_key(key) for key in foreign_keys[name]],
            "uniques": [
                *(unique["column_names"] for unique in uniques[name]),
                *(index["column_names"] for index in indexes[name] if index["unique"]),
            ],
            "indexes": [index["column_names"] for index in indexes[name]],
            "checks": [check["sqltext"] for check in checks[name]],
        }
        for name in columns
        if name != "alembic_version"
    }


def _by_name(found: Mapping[Any, Any]) -> dict[str, Any]:
    """What was found by schema and name."""
    return {name: each for (_, name), each in found.items()}


def _foreign_key(key: Any) -> dict[str, Any]:  # noqa: ANN401 - SQLAlchemy's own loose type
    return {
        "columns": key["constrained_columns"],
        "target_table": key["referred_table"],
        "target_columns": key["referred_columns"],
        "on_delete": key["options"].get("ondelete", "NO ACTION"),
        "deferred": key["options"].get("initially") == "DEFERRED",
    }


def _column(column: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    kind = column["type"]
    return {
        "name": column["name"],
        "type": kind.__visit_name__.upper(),
        "zoned": getattr(kind, "timezone", False),
        "counts_up": _counts_up(column),
        "length": getattr(kind, "length", None),
        "precision": getattr(kind, "precision", None),
        "scale": getattr(kind, "scale", None),
        "values": list(getattr(kind, "enums", ())),
        "nullable": column["nullable"],
        "default": column["default"],
    }


def _counts_up(column: Any) -> bool | None:  # noqa: ANN401 - as above
    """Whether the database fills it with the next number; None where it does not say."""
    told = column.get("autoincrement")
    return told if isinstance(told, bool) else None
