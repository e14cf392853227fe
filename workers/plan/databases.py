"""What the four databases need of a project."""

from __future__ import annotations

from typing import Final, Literal

from common.document.resolved import DbType
from workers.plan.ir import DatabasePlan

_DRIVERS: Final = {
    "async": {
        "mariadb": "mariadb+aiomysql",
        "mssql": "mssql+aioodbc",
        "mysql": "mysql+aiomysql",
        "postgres": "postgresql+asyncpg",
        "postgresql": "postgresql+asyncpg",
        "sqlite": "sqlite+aiosqlite",
    },
    "sync": {
        "mariadb": "mariadb+pymysql",
        "mssql": "mssql+pyodbc",
        "mysql": "mysql+pymysql",
        "postgres": "postgresql+psycopg",
        "postgresql": "postgresql+psycopg",
        "sqlite": "sqlite+pysqlite",
    },
}
"""By how a URL may begin: what is driven by what."""

_BEGINNINGS: Final[dict[DbType, tuple[str, ...]]] = {
    "mssql": ("mssql", "sqlite"),
    "mysql": ("mariadb", "mysql", "sqlite"),
    "postgresql": ("postgres", "postgresql", "sqlite"),
    "sqlite": ("sqlite",),
}
"""How URLs may begin that a project for a database takes; its tests run on SQLite."""

_FREETDS: Final = "driver=FreeTDS&TDS_Version=7.4"
"""The ODBC driver that every distribution of Linux has."""


def plan_database(
    db_type: DbType, package_name: str, database_api: Literal["async", "sync"]
) -> DatabasePlan:
    """The drivers, the words and an example URL (without a secret) for `db_type`."""
    name = package_name.replace("-", "_")
    title, example_url, container_url, password_variable = {
        "postgresql": (
            "PostgreSQL",
            "postgresql://USER:PASSWORD@localhost:5432/{}",
            "postgresql://app:${POSTGRES_PASSWORD:?set it in .env}@database:5432/app",
            "POSTGRES_PASSWORD",
        ),
        "mysql": (
            "MySQL",
            "mysql://USER:PASSWORD@localhost:3306/{}",
            "mysql://app:${MYSQL_PASSWORD:?set it in .env}@database:3306/app",
            "MYSQL_PASSWORD",
        ),
        "mssql": (
            "SQL Server",
            "mssql://USER:PASSWORD@localhost:1433/{}?" + _FREETDS,
            "mssql://sa:${MSSQL_SA_PASSWORD:?set it in .env}@database:1433/master?" + _FREETDS,
            "MSSQL_SA_PASSWORD",
        ),
        "sqlite": ("SQLite", "sqlite:///{}.db", "sqlite:////srv/data/app.db", None),
    }[db_type]
    drivers = _DRIVERS[database_api]
    return DatabasePlan(
        db_type=db_type,
        title=title,
        driver=drivers[db_type],
        drivers=tuple((beginning, drivers[beginning]) for beginning in _BEGINNINGS[db_type]),
        example_url=example_url.format(name),
        example_test_url=example_url.format(f"{name}_test"),
        container_url=container_url,
        password_variable=password_variable,
        sync=database_api == "sync",
    )
