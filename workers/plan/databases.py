"""What the four databases need of a project."""

from __future__ import annotations

from typing import Final

from common.document.resolved import DbType
from workers.plan.ir import DatabasePlan

_SQLITE: Final = ("sqlite", "sqlite+aiosqlite")
_FREETDS: Final = "driver=FreeTDS&TDS_Version=7.4"
"""The ODBC driver that every distribution of Linux has."""


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
                example_url=f"postgresql://USER:PASSWORD@localhost:5432/{name}",
                container_url=(
                    "postgresql://app:${POSTGRES_PASSWORD:?set it in .env}@database:5432/app"
                ),
                password_variable="POSTGRES_PASSWORD",  # noqa: S106  (only its name)
            )
        case "mysql":
            return DatabasePlan(
                db_type=db_type,
                title="MySQL",
                driver="mysql+aiomysql",
                drivers=(("mariadb", "mariadb+aiomysql"), ("mysql", "mysql+aiomysql"), _SQLITE),
                example_url=f"mysql://USER:PASSWORD@localhost:3306/{name}",
                container_url="mysql://app:${MYSQL_PASSWORD:?set it in .env}@database:3306/app",
                password_variable="MYSQL_PASSWORD",  # noqa: S106  (only its name)
            )
        case "mssql":
            return DatabasePlan(
                db_type=db_type,
                title="SQL Server",
                driver="mssql+aioodbc",
                drivers=(("mssql", "mssql+aioodbc"), _SQLITE),
                example_url=f"mssql://USER:PASSWORD@localhost:1433/{name}?{_FREETDS}",
                container_url=(
                    "mssql://sa:${MSSQL_SA_PASSWORD:?set it in .env}@database:1433/master?"
                    + _FREETDS
                ),
                password_variable="MSSQL_SA_PASSWORD",  # noqa: S106  (only its name)
            )
        case "sqlite":
            return DatabasePlan(
                db_type=db_type,
                title="SQLite",
                driver="sqlite+aiosqlite",
                drivers=(_SQLITE,),
                example_url=f"sqlite:///{name}.db",
                container_url="sqlite:////srv/data/app.db",
                password_variable=None,
            )
