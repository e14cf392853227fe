"""The migrations run up, down and up again on an empty database."""

from __future__ import annotations

import base64
import io
import zlib
from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.dialects.postgresql.base import PGInspector

from ..job import Job
from .surroundings import enter_project, open_engine
from .verdict import failed, in_one_line, passed, traced

_OFFLINE_URLS: Final = {
    "postgresql": "postgresql+asyncpg://localhost/project",
    "mysql": "mysql+aiomysql://localhost/project",
    "mssql": "mssql+aioodbc://localhost/project",
    "sqlite": "sqlite+aiosqlite:///project.sqlite",
}


def migrate_project(job: Job) -> dict[str, Any]:
    """Migrate the first of the `database_urls`, or a SQLite file where there are none.

    The outcome's `database` is that file, compressed and in base 64.
    """
    file = job.folder / "migrated.sqlite"
    given = job.arguments.get("database_urls")
    url = given[0] if given else f"sqlite:///{file}"
    enter_project(job, database_url=url)
    config = Config(str(job.project / "alembic.ini"))
    step = "upgrade"
    try:
        command.upgrade(config, "head")
        made = _contents(url)
        step = "downgrade"
        command.downgrade(config, "base")
        left = _contents(url)
        if not left:
            step = "second upgrade"
            command.upgrade(config, "head")
        again = _contents(url)
    except BaseException as error:  # noqa: BLE001 - whatever it raises is what is to be shown
        return failed(f"{step}: {in_one_line(error)}", output=traced(error, job.project))
    if left:
        return failed("downgrade leaves tables or types behind", details=left)
    if not made or made != again:
        return failed("a second upgrade does not make what the first one made")
    if given:
        return passed()
    return passed(database=base64.b64encode(zlib.compress(file.read_bytes(), 1)).decode())


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


def _contents(url: str) -> list[str]:
    """What a database holds: tables, and PostgreSQL's types."""
    inspector = sa.inspect(open_engine(url))
    names = [name for name in inspector.get_table_names() if name != "alembic_version"]
    if isinstance(inspector, PGInspector):
        names += [f"the type {enum['name']}" for enum in inspector.get_enums()]
    return sorted(names)
