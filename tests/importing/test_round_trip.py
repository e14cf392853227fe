"""Document -> project -> migrated database -> import gives back the document.

Up to what no database holds: `normal_form` is the list.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from common.document.limits import DocumentLimits
from common.document.read import read_document
from common.errors import RequestError
from tests.importing.normal_form import normal_form, relationships
from workers.importing.ddl import read_ddl
from workers.importing.document import Imported, import_source
from workers.importing.live import read_live
from workers.plan.make import make_plan
from workers.stages.render import render

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
DRAWN = ROOT / "tests/generated/documents"
CORPUS = Path(os.environ["CORPUS_DIR"]) / "real" if os.environ.get("CORPUS_DIR") else None
LIMITS = DocumentLimits()
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
Document = dict[str, Any]


def read(path: Path, db_type: str | None = None) -> Document:
    document: Document = json.loads(path.read_text(encoding="utf-8"))
    document["db_type"] = db_type or document["db_type"]
    faults = read_document(document, LIMITS).faults
    if any(fault.code == "primary_key_missing" for fault in faults):
        document.setdefault("options", {})["add_missing_primary_keys"] = True
    return document


@contextmanager
def database(db_type: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database; skips where its server is not there."""
    if db_type == "sqlite":
        yield f"sqlite:///{folder / 'migrated.db'}"
        return
    variable, usual, how = SERVERS[db_type]
    server = make_url(os.environ.get(variable, usual))
    driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}[db_type]
    engine = sa.create_engine(
        server.set(drivername=driver),
        isolation_level="AUTOCOMMIT",
        poolclass=sa.NullPool,
        connect_args={"connect_timeout": 3},
    )
    name = f"bb_import_{os.getpid()}"
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
    except OperationalError:
        pytest.skip(f"no {db_type} at {server.render_as_string()}; set {variable}, or: {how}")
    try:
        given = server.set(drivername=db_type, database=name)
        yield given.render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name}")


def migrate(document: Document, folder: Path, url: str, *options: str) -> str:
    """Make the project of a document and migrate a database with it; what Alembic printed."""
    reading = read_document(document, LIMITS)
    assert reading.resolved is not None, reading.faults
    project = folder / "project"
    for path, text in render(make_plan(reading.resolved)).items():
        place = project / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    migrated = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head", *options],
        cwd=project,
        env=kept | {"DATABASE_URL": url, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert migrated.returncode == 0, migrated.stderr
    return migrated.stdout


def assert_comes_back(document: Document, folder: Path) -> None:
    with database(document["db_type"], folder) as url:
        migrate(document, folder, url)
        found = import_source(read_live(url), LIMITS, name=document["project_name"])
    assert_same(found, document)


def assert_same(found: Imported, document: Document) -> None:
    assert not read_document(found.document, LIMITS).faults
    wanted, has = normal_form(document), normal_form(found.document)
    assert has.keys() == wanted.keys()
    assert has["tables"].keys() == wanted["tables"].keys()
    for name, table in wanted["tables"].items():
        assert has["tables"][name] == table, name
    assert has == wanted
    assert relationships(document) <= relationships(found.document)
    # What a project's own database says can be said: there is nothing to remark, but for keys in
    # a ring, which the generator defers by itself
    assert [note for note in found.notes if "deferrable" not in note.text] == []


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_an_example_comes_back_from_sqlite(path: Path, tmp_path: Path) -> None:
    assert_comes_back(read(path, "sqlite"), tmp_path)


@pytest.mark.parametrize("db_type", SERVERS)
@pytest.mark.parametrize("name", ["types", "checks"])
def test_types_and_conditions_come_back_from_servers(
    name: str, db_type: str, tmp_path: Path
) -> None:
    assert_comes_back(read(DRAWN / f"{name}.json", db_type), tmp_path)


@pytest.mark.parametrize("name", ["shop", "clinic"])
def test_an_example_comes_back_from_its_server(name: str, tmp_path: Path) -> None:
    assert_comes_back(read(EXAMPLES / f"{name}.json"), tmp_path)


@pytest.mark.parametrize(("name", "db_type"), [("shop", "postgresql"), ("clinic", "mysql")])
def test_an_example_comes_back_from_the_sql_of_its_migration(
    name: str, db_type: str, tmp_path: Path
) -> None:
    document = read(EXAMPLES / f"{name}.json", db_type)
    script = migrate(document, tmp_path, f"{db_type}://localhost/{name}", "--sql")
    source = read_ddl(script.encode(), name=document["project_name"], dialect=None)
    assert source.db_type == db_type
    assert_same(import_source(source, LIMITS), document)


def test_descriptions_do_not_stand_in_the_way_of_sql_server(tmp_path: Path) -> None:
    document = read(EXAMPLES / "shop.json", "mssql")
    script = migrate(document, tmp_path, "mssql://localhost/shop", "--sql")
    found = import_source(read_ddl(script.encode(), name="shop", dialect=None), LIMITS)
    assert found.document["db_type"] == "mssql"
    assert normal_form(found.document)["tables"].keys() == normal_form(document)["tables"].keys()


def is_accepted(path: Path, db_type: str) -> bool:
    """Whether a document is one for this database that a project can be made from."""
    try:
        document = read(path)
        return (
            document["db_type"] == db_type and read_document(document, LIMITS).resolved is not None
        )
    except RequestError:
        return False


def corpus() -> list[Any]:
    """Documents of all sizes for each database: 20 on SQLite, 10 on PostgreSQL, 5 on MariaDB."""
    if CORPUS is None:
        reason = "there is no corpus; `CORPUS_DIR=FOLDER make test-all` names one"
        return [pytest.param(None, marks=[pytest.mark.skip(reason=reason)])]
    chosen = []
    for db_type, count in (("sqlite", 20), ("postgresql", 10), ("mysql", 5)):
        paths = sorted(CORPUS.glob("*.json"), key=lambda path: path.stat().st_size)
        fitting = [path for path in paths if is_accepted(path, db_type)]
        step = max(1, len(fitting) // count)
        chosen += fitting[::-1][::step][:count]
    return [pytest.param(path, id=path.stem) for path in chosen]


@pytest.mark.long
@pytest.mark.parametrize("path", corpus())
def test_a_real_schema_comes_back(path: Path, tmp_path: Path) -> None:
    assert_comes_back(read(path), tmp_path)


Change = Callable[[Document], None]


def _drop_unique(document: Document) -> None:
    document["schema"][0]["columns"][1].pop("unique")


def _allow_null(document: Document) -> None:
    document["schema"][0]["columns"][2].pop("nullable")


def _other_default(document: Document) -> None:
    document["schema"][0]["columns"][3]["default"] = "admin"


def _other_value(document: Document) -> None:
    document["schema"][0]["columns"][3]["values"].append("guest")


def _other_action(document: Document) -> None:
    document["schema"][1]["columns"][1]["on_delete"] = "CASCADE"


def _no_check(document: Document) -> None:
    document["schema"][1].pop("checks")


def _no_index(document: Document) -> None:
    document["schema"][1].pop("indexes")


def _no_timestamps(document: Document) -> None:
    document["schema"][0]["options"].pop("use_timestamps")


def _shorter(document: Document) -> None:
    document["schema"][0]["columns"][1]["length"] = 253


CHANGES: list[Change] = [
    _drop_unique,
    _allow_null,
    _other_default,
    _other_value,
    _other_action,
    _no_check,
    _no_index,
    _no_timestamps,
    _shorter,
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_normal_form_sees_what_a_database_holds(change: Change) -> None:
    document = read(EXAMPLES / "blog.json")
    changed = read(EXAMPLES / "blog.json")
    change(changed)
    assert normal_form(changed) != normal_form(document)
