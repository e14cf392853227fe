"""Generated projects keep their promises, on every database and whatever is sent to them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url
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


def server_url(db_type: str) -> str:
    """How the project reaches the server; skips where there is none."""
    variable, usual, how = SERVERS[db_type]
    given = make_url(os.environ.get(variable, usual))
    dialect = given.get_backend_name().replace("mariadb", "mysql")
    driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}[dialect]
    engine = create_engine(given.set(drivername=driver), connect_args={"connect_timeout": 3})
    try:
        engine.connect().close()
    except OperationalError:
        pytest.skip(f"no server for {db_type}: set {variable}, or run `{how}`")
    finally:
        engine.dispose()
    return given.set(drivername=dialect).render_as_string(hide_password=False)


def on_server(folder: Path) -> Path:
    """The project with tests that run on a server; those that need a file are left out."""
    shutil.copy(PROBES / "server.py", folder / "tests/conftest.py")
    (folder / "tests/test_migrations.py").unlink()
    return folder


def with_hostile_tests(folder: Path) -> Path:
    shutil.copy(PROBES / "hostile.py", folder / "tests/test_hostile.py")
    return folder


@pytest.mark.parametrize(
    "name",
    [
        "everything",
        "checks",
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
    url = server_url(db_type)
    ran = run_tests(on_server(project("blog", db_type)), SERVER_URL=url)
    assert ran.returncode == 0, ran.stdout[-5000:]


def test_whatever_is_sent_is_answered_as_described(project: Write, run_tests: Run) -> None:
    folder = with_hostile_tests(project("types"))
    ran = run_tests(folder, "tests/test_hostile.py")
    assert ran.returncode == 0, ran.stdout[-5000:]


@pytest.mark.long
@pytest.mark.parametrize("db_type", ["sqlite", *SERVERS])
def test_whatever_is_sent_to_everything_is_answered_as_described(
    db_type: str, project: Write, run_tests: Run
) -> None:
    folder = with_hostile_tests(project("everything", db_type))
    given = {}
    if db_type != "sqlite":
        given["SERVER_URL"] = server_url(db_type)
        on_server(folder)
    ran = run_tests(folder, "tests/test_hostile.py", seconds=3000, **given)
    assert ran.returncode == 0, ran.stdout[-5000:]
