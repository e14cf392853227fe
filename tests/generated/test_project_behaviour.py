"""Generated projects keep their promises, on every database and whatever is sent to them."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

PROBES = Path(__file__).parent / "probes"
Write = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[str]]
SERVERS = {
    "postgresql": (
        "TEST_POSTGRESQL_URL",
        "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
        "docker run -p 5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres",
    ),
    "mysql": (
        "TEST_MARIADB_URL",
        "mysql+pymysql://root@127.0.0.1:3306/mysql",
        "docker run -p 3306:3306 -e MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1 mariadb",
    ),
}


@contextmanager
def database(db_type: str) -> Iterator[str]:
    """The URL of an empty database of the test's own; skips where there is no server."""
    variable, usual, how = SERVERS[db_type]
    given = make_url(os.environ.get(variable, usual))
    dialect = given.get_backend_name().replace("mariadb", "mysql")
    driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}[dialect]
    server = create_engine(
        given.set(drivername=driver),
        connect_args={"connect_timeout": 3},
        isolation_level="AUTOCOMMIT",
    )
    name = f"project_{secrets.token_hex(6)}"
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError:
        pytest.skip(f"no server for {db_type}: set {variable}, or run `{how}`")
    try:
        own = given.set(drivername=dialect, database=name)
        yield own.render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name}"))
        server.dispose()


def with_hostile_tests(folder: Path) -> Path:
    shutil.copy(PROBES / "hostile.py", folder / "tests/test_hostile.py")
    return folder


@pytest.mark.parametrize(
    "name",
    [
        "everything",
        "checks",
        "keys",
        pytest.param("names", marks=pytest.mark.long, id="names that collide"),
    ],
)
def test_a_project_passes_its_own_tests(name: str, project: Write, run_tests: Run) -> None:
    ran = run_tests(project(name))
    assert ran.returncode == 0, ran.stdout[-5000:]


@pytest.mark.parametrize("db_type", SERVERS)
def test_projects_keep_their_promises_on_servers(
    db_type: str, project: Write, run_tests: Run
) -> None:
    with database(db_type) as url:
        ran = run_tests(project("blog", db_type), TEST_DATABASE_URL=url)
    assert ran.returncode == 0, ran.stdout[-5000:]


def test_a_database_with_data_is_refused_and_left_as_it_is(project: Write, run_tests: Run) -> None:
    folder = project("blog")
    engine = create_engine(f"sqlite:///{folder / 'live.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE posts (id INTEGER)"))
        connection.execute(text("INSERT INTO posts VALUES (1)"))
    ran = run_tests(folder, TEST_DATABASE_URL=str(engine.url))
    assert ran.returncode == pytest.ExitCode.USAGE_ERROR
    assert "TEST_DATABASE_URL names holds posts." in ran.stdout + ran.stderr
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM posts")) == 1
    engine.dispose()


@pytest.mark.long
def test_whatever_is_sent_is_answered_as_described(project: Write, run_tests: Run) -> None:
    folder = with_hostile_tests(project("types"))
    ran = run_tests(folder, "tests/test_hostile.py")
    assert ran.returncode == 0, ran.stdout[-5000:]


@pytest.mark.parametrize("db_type", ["mssql", *SERVERS])
def test_refusals_of_the_database_are_understood(
    db_type: str, project: Write, run_tests: Run
) -> None:
    folder = project("refusals", db_type)
    shutil.copy(PROBES / "refusals.py", folder / "tests/test_refusals.py")
    # There is no SQL Server here: what its driver says is made up, the rest is SQLite
    arguments = ["tests/test_refusals.py"] + ([] if db_type == "mssql" else ["-k", "not server"])
    with nullcontext("") if db_type == "mssql" else database(db_type) as url:
        ran = run_tests(folder, *arguments, TEST_DATABASE_URL=url)
    assert ran.returncode == 0, ran.stdout[-5000:]


@pytest.mark.parametrize(("db_type", "left_out"), [("sqlite", "mysql"), ("mysql", "keys")])
def test_fields_take_in_what_can_be_kept(
    db_type: str, left_out: str, project: Write, run_tests: Run
) -> None:
    folder = project("refusals", db_type)
    shutil.copy(PROBES / "fields.py", folder / "tests/test_fields.py")
    ran = run_tests(folder, "tests/test_fields.py", "-k", f"not {left_out}")
    assert ran.returncode == 0, ran.stdout[-5000:]


@pytest.mark.parametrize("database_api", ["async", "sync"])
def test_paths_lead_to_the_rows_that_they_name(
    database_api: str, project: Write, run_tests: Run
) -> None:
    folder = project("keys", database_api=database_api)
    shutil.copy(PROBES / "keys.py", folder / "tests/test_keys.py")
    ran = run_tests(folder, "tests/test_keys.py")
    assert ran.returncode == 0, ran.stdout[-5000:]


@pytest.mark.long
@pytest.mark.parametrize("db_type", ["sqlite", *SERVERS])
def test_whatever_is_sent_to_everything_is_answered_as_described(
    db_type: str, project: Write, run_tests: Run
) -> None:
    folder = with_hostile_tests(project("everything", db_type))
    with nullcontext("") if db_type == "sqlite" else database(db_type) as url:
        ran = run_tests(folder, "tests/test_hostile.py", seconds=3000, TEST_DATABASE_URL=url)
    assert ran.returncode == 0, ran.stdout[-5000:]
