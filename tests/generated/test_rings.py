"""Tables that need each other's rows: whoever has the database can fill them, the API says no."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.document.limits import DocumentLimits
from tests.generated.conftest import DOCUMENTS
from workers.pipeline import Progress, run_pipeline
from workers.sandbox.sandbox import open_sandbox


@pytest.fixture
def database(project: Callable[..., Path]) -> Iterator[sqlite3.Connection]:
    """The migrated database of a project with rings, with foreign keys enforced."""
    folder = project("rings")
    path = folder / "rings.sqlite3"
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=folder,
        env=os.environ | {"DATABASE_URL": f"sqlite:///{path}"},
        check=True,
        capture_output=True,
    )
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys=ON")
        yield connection


def test_rows_of_one_transaction_wait_for_each_other(database: sqlite3.Connection) -> None:
    database.execute("BEGIN")
    database.execute("INSERT INTO hens (id, name, egg_id) VALUES (1, 'Berta', 1)")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        database.execute("COMMIT")
    database.execute("INSERT INTO eggs (id, hen_id) VALUES (1, 1)")
    database.execute("COMMIT")
    database.execute("BEGIN")
    database.execute('INSERT INTO "as" (x, y, cx, cy) VALUES (1, 2, 3, 4)')
    database.execute("INSERT INTO cs (x, y, bx, by) VALUES (3, 4, 5, 6)")
    database.execute("INSERT INTO bs (x, y, ax, ay) VALUES (5, 6, 1, 2)")
    database.execute("COMMIT")
    database.execute("INSERT INTO roots VALUES ('top', 'top')")


def test_other_keys_do_not_wait(database: sqlite3.Connection) -> None:
    database.execute("BEGIN")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        database.execute("INSERT INTO nests (hen_id) VALUES (5)")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        database.execute("INSERT INTO players (team_id) VALUES (5)")


def test_the_report_says_where_no_row_can_be_made() -> None:
    document = json.loads(DOCUMENTS["rings"].read_text(encoding="utf-8"))
    document["run"] = {"verify": "none"}
    progress = Progress(lambda _stage: None, lambda _done, _total: None, lambda: False)
    with open_sandbox() as sandbox:
        report = run_pipeline(
            document, limits=DocumentLimits(), sandbox=sandbox, progress=progress
        ).report
    said = {warning.split(" can be made")[0] for warning in report.warnings}
    tables = ("as", "bs", "cs", "eggs", "hens", "loops", "nests")
    assert said == {f"no row of {table}" for table in tables}
