"""Brings a database to the present state of `common.db.tables`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text

from common.clock import monotonic
from common.db.engine import BUSY_SECONDS, reading
from common.errors import BackboneError, TransientError

HEAD: Final = "0007"
"""The newest migration. Known here so that a process which finds it applied, as every process but
the first does, need not import Alembic."""

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_VERSIONS: Final = _MIGRATIONS / "versions"
_LOCK: Final = 0x6261636B  # an arbitrary number that names the migrations' lock on PostgreSQL


def migrate(engine: Engine) -> None:
    """Apply the migrations that are missing; harmless when several processes do it at once.

    Raises TransientError when there is no database, BackboneError for one that a newer version
    has migrated.
    """
    current = current_revision(engine)
    if current == HEAD:
        return
    refuse_newer(current)
    if engine.dialect.name == "sqlite":
        _switch_to_wal(engine)
    # One transaction around everything. On SQLite it begins with the lock of all writers.
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _upgrade(connection)


def current_revision(engine: Engine) -> str | None:
    """The migration that was applied last; None for a database without any."""
    with reading(engine).connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def refuse_newer(revision: str | None) -> None:
    """Raise BackboneError for a migration that only a newer version knows."""
    if revision not in (None, HEAD) and not any(_VERSIONS.glob(f"{revision}_*.py")):
        raise BackboneError(
            f"The database is at migration {revision!r}, which this version does not know: "
            "a newer one has been here. Upgrade, or use another DATABASE_URL."
        )


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see HEAD
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _switch_to_wal(engine: Engine) -> None:
    """Let readers and the writer not wait for each other; the file remembers it.

    Needs the file for itself for a moment, and SQLite does not wait for that by itself.
    """
    deadline = monotonic() + BUSY_SECONDS
    while True:
        try:
            with reading(engine).connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
                return
        except TransientError:
            if monotonic() > deadline:
                raise
            time.sleep(0.02)
