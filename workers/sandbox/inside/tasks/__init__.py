"""What a job can be asked to do, by name, and what is imported beforehand to do it fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ..job import Job
from .compiling import compile_project
from .fuzzing import fuzz_project
from .importing import import_project
from .linting import lint_project
from .migrating import compile_migrations, migrate_project
from .reflecting import reflect_database
from .testing import run_tests
from .typing_check import check_types, warm_types

TASKS: Final[dict[str, Callable[[Job], dict[str, Any]]]] = {
    "compile": compile_project,
    "compile_migrations": compile_migrations,
    "fuzz": fuzz_project,
    "import": import_project,
    "lint": lint_project,
    "migrate": migrate_project,
    "nothing": lambda _: {},
    "reflect": reflect_database,
    "tests": run_tests,
    "tests_on_server": run_tests,
    "types": check_types,
    "warm_types": warm_types,
}

PRELOADED: Final = (
    "aiomysql",
    "aiosqlite",
    "alembic.autogenerate",
    "asyncpg",
    "fastapi",
    "fastapi.openapi.utils",
    "fastapi.responses",
    "httpx",
    "logging.config",
    "psycopg",
    "pydantic",
    "pydantic_settings",
    "pymysql",
    "sqlalchemy",
    "sqlalchemy.dialects.mssql",
    "sqlalchemy.dialects.mysql",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.orm",
    "starlette.middleware.cors",
)
