"""What the four databases need of a project."""

from __future__ import annotations

from typing import Final

from common.document.resolved import DbType
from workers.plan.ir import DatabasePlan

_SQLITE: Final = ("sqlite", "sqlite+aiosqlite")


def plan_database(db_type: DbType, package_name: str) -> DatabasePlan:
    """The drivers, the words and an example URL (without a secret) for `db_type`."""
    name = package_name.replace("-", "_")
    match db_type:
        case "postgresql":
            return DatabasePlan(
                db_type=db_type,
                title="PostgreSQL",
                driver="postgresql+asyncpg",
                drivers=(
                    ("postgres", "postgresql+asyncpg"),
                    ("postgresql", "postgresql+asyncpg"),
                    _SQLITE,
                ),
                example_url=f"postgresql+asyncpg://USER:PASSWORD@localhost:5432/{name}",
            )
        case "mysql":
            return DatabasePlan(
                db_type=db_type,
                title="MySQL",
                driver="mysql+aiomysql",
                drivers=(("mariadb", "mariadb+aiomysql"), ("mysql", "mysql+aiomysql"), _SQLITE),
                example_url=f"mysql+aiomysql://USER:PASSWORD@localhost:3306/{name}",
            )
        case "mssql":
            return DatabasePlan(
                db_type=db_type,
                title="SQL Server",
                driver="mssql+aioodbc",
                drivers=(("mssql", "mssql+aioodbc"), _SQLITE),
                example_url=(
                    f"mssql+aioodbc://USER:PASSWORD@localhost:1433/{name}"
                    "?driver=ODBC+Driver+18+for+SQL+Server"
                ),
            )
        case "sqlite":
            return DatabasePlan(
                db_type=db_type,
                title="SQLite",
                driver="sqlite+aiosqlite",
                drivers=(_SQLITE,),
                example_url=f"sqlite+aiosqlite:///{name}.db",
            )
