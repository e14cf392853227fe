"""The migrations run up, down and up again on an empty database."""

from __future__ import annotations

import base64
import contextlib
import io
import sqlite3
import zlib
from typing import Any, Final

from alembic import command
from alembic.config import Config

from ..job import Job
from .surroundings import enter_project
from .verdict import failed, in_one_line, passed, traced

_OFFLINE_URLS: Final = {
    "postgresql": "postgresql+asyncpg://localhost/project",
    "mysql": "mysql+aiomysql://localhost/project",
    "mssql": "mssql+aioodbc://localhost/project",
    "sqlite": "sqlite+aiosqlite:///project.sqlite",
}


def migrate_project(job: Job) -> dict[str, Any]:
    """Migrate a SQLite file; the outcome's `database` is that file, compressed and in base 64."""
    database = job.folder / "migrated.sqlite"
    enter_project(job, database_url=f"sqlite:///{database}")
    config = Config(str(job.project / "alembic.ini"))
    step = "upgrade"
    try:
        command.upgrade(config, "head")
        made = _tables(str(database))
        step = "downgrade"
        command.downgrade(config, "base")
        left = _tables(str(database))
        if not left:
            step = "second upgrade"
            command.upgrade(config, "head")
        again = _tables(str(database))
    except BaseException as error:  # noqa: BLE001 - whatever it raises is what is to be shown
        return failed(f"{step}: {in_one_line(error)}", output=traced(error, job.project))
    if left:
        return failed("downgrade leaves tables behind", details=left)
    if not made or made != again:
        return failed("a second upgrade does not make what the first one made")
    return passed(database=base64.b64encode(zlib.compress(database.read_bytes(), 1)).decode())


def compile_migrations(job: Job) -> dict[str, Any]:
    """Compile the migrations for `dialect` to SQL, without a server."""
    dialect = job.arguments["dialect"]
    enter_project(job, database_url=_OFFLINE_URLS[dialect])
    statements = io.StringIO()
    config = Config(str(job.project / "alembic.ini"), output_buffer=statements)
    try:
        command.upgrade(config, "head", sql=True)
    except BaseException as error:  # noqa: BLE001 - whatever it raises is what is to be shown
        reason = f"compiling for {dialect}: {in_one_line(error)}"
        return failed(reason, output=traced(error, job.project))
    if "CREATE TABLE " not in statements.getvalue():
        return failed(f"compiling for {dialect}: no statement creates a table")
    return passed()


def _tables(path: str) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        names = (name for (name,) in rows if not name.startswith("sqlite_"))
        return sorted(name for name in names if name != "alembic_version")
