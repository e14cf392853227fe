"""What projects require, in parts: each part has a lock in `workers/templates/locks`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from common.document.resolved import DbType, OutputOptions


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of a project."""

    text: str
    """Text: as PEP 508 writes it."""
    reason: str = ""
    """Text: what can't be seen from the name."""

    @property
    def name(self) -> str:
        """Text: the package, with its extra."""
        return self.text.partition(">")[0]


TOOLS: Final = "tools"
"""The part with the tools that test and check a project."""

PARTS: Final = {
    "application": (
        Requirement("alembic>=1.20"),
        Requirement("fastapi>=0.165,<1"),
        Requirement("pydantic>=2.14,<3"),
        Requirement("pydantic-settings>=2.16"),
        Requirement("uvicorn>=0.54"),
    ),
    "async": (
        Requirement("aiosqlite>=0.22"),
        Requirement("sqlalchemy[asyncio]>=2.1,<2.2"),
    ),
    "async-mssql": (Requirement("aioodbc>=0.5"),),
    "async-mysql": (
        Requirement("aiomysql>=0.3.2"),
        Requirement("cryptography>=44", "how MySQL 8 takes passwords"),
        Requirement("pymysql>=1.1,<1.2", "aiomysql 0.3 cannot write bytes through a newer one"),
    ),
    "async-postgresql": (Requirement("asyncpg>=0.32"),),
    "jwt": (
        Requirement("pwdlib[argon2]>=0.3"),
        Requirement("pyjwt>=2.15"),
        Requirement("python-multipart>=0.0.34", "how forms are read"),
    ),
    "sync": (Requirement("sqlalchemy>=2.1,<2.2"),),
    "sync-mssql": (Requirement("pyodbc>=5.2"),),
    "sync-mysql": (
        Requirement("cryptography>=44", "how MySQL 8 takes passwords"),
        Requirement("pymysql>=1.1"),
    ),
    "sync-postgresql": (Requirement("psycopg[binary]>=3.3"),),
    TOOLS: (
        Requirement("httpx>=0.28"),
        Requirement("mypy>=2.4"),
        Requirement("pytest>=9.2"),
        Requirement("pytest-asyncio>=1.5"),
        Requirement("ruff>=0.17"),
    ),
}
"""By the name of each part: what it requires."""


def parts_of(db_type: DbType, options: OutputOptions) -> tuple[str, ...]:
    """The parts that a project needs in order to run."""
    api = options.database_api
    wanted = ("application", api, f"{api}-{db_type}", options.auth)
    return tuple(part for part in wanted if part in PARTS)


def requirements_of(parts: Iterable[str]) -> tuple[Requirement, ...]:
    """All that these parts require, in the order of the alphabet."""
    return tuple(sorted({one for part in parts for one in PARTS[part]}, key=lambda one: one.name))
