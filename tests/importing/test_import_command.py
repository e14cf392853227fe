"""The command `backbone import`, as people type it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

BACKBONE = Path(sys.executable).with_name("backbone")
SHOP = """
CREATE TABLE `orders` (
  `id` int NOT NULL AUTO_INCREMENT,
  `total` decimal(8,2) GENERATED ALWAYS AS (1 + 1) STORED,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB;
CREATE TABLE `people` (`id` int NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB;
"""


def run(*arguments: str, folder: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BACKBONE, "import", *arguments],
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "my shop.sql"
    path.write_text(SHOP, encoding="utf-8")
    return path


def test_the_document_is_printed_and_the_notes_stand_beside_it(dump: Path) -> None:
    done = run(dump.name, "--tables", "orders", folder=dump.parent)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "project_name": "my-shop",
        "db_type": "mysql",
        "schema": [
            {
                "table_name": "orders",
                "class_name": "Order",
                "columns": [
                    {
                        "name": "id",
                        "type": "Integer",
                        "primary_key": True,
                        "autoincrement": True,
                    },
                    {"name": "total", "type": "Numeric", "precision": 8, "scale": 2},
                ],
            }
        ],
    }
    assert done.stderr == "orders.total: a generated column (1 + 1) became an ordinary one\n"


def test_programs_get_the_document_and_the_notes_together(dump: Path) -> None:
    done = run("-", "--json", "--name", "shop", folder=dump.parent, given=SHOP)
    said = json.loads(done.stdout)
    assert said["document"]["project_name"] == "shop"
    assert [note["place"] for note in said["notes"]] == ["orders.total"]
    assert done.stderr == ""


def test_a_live_database_goes_into_a_file_that_validates(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, total REAL)")
    connection.close()
    done = run("sqlite:///shop.db", "-o", "shop.json", folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = (tmp_path / "shop.json").read_text(encoding="utf-8")
    assert json.loads(text)["schema"][0]["table_name"] == "orders"
    again = run("shop.db", folder=tmp_path)
    assert again.stdout == text


@pytest.mark.parametrize("name", ["what? 100%.db", "plain.db"])
def test_a_file_of_sqlite_is_read_with_what_is_not_in_it_yet_and_stays_as_it_is(
    tmp_path: Path, name: str
) -> None:
    connection = sqlite3.connect(tmp_path / name)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    connection.commit()
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(left) == 3
    (copy := tmp_path / "copy").mkdir()  # as a process that was killed leaves it
    for each in (name, f"{name}-wal"):
        (copy / each).write_bytes(left[each])
    connection.close()
    done = run(name, folder=copy)
    assert done.returncode == 0, done.stderr
    assert [table["table_name"] for table in json.loads(done.stdout)["schema"]] == ["orders"]
    assert all((copy / each).read_bytes() == left[each] for each in (name, f"{name}-wal"))


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["postgresql://me:s3cret@127.0.0.1:1/x"], 1, "Can't read postgresql+psycopg://me:***@"),
        (["postgresql://me:s3cret@host:abc/x"], 1, "This is no database URL"),
        (["mysql://host/x", "--schema", "x"], 1, "--schema is for PostgreSQL and SQL Server"),
        (["my shop.sql", "--schema", "x"], 1, "this is mysql, which has no schemas"),
        (["oracle://me:s3cret@host/x"], 1, "There is no dialect 'oracle'"),
        (["sqlite:///nowhere.db"], 1, "There is no file nowhere.db."),
        (["nowhere.sql"], 1, "Can't read nowhere.sql"),
        (["my shop.sql", "--dialect", "oracle"], 2, "'oracle' is not one of"),
        (["my shop.sql", "--tables", "orders,nothing"], 1, "There is no table nothing"),
        (["sqlite:///x.db", "--dialect", "mysql"], 2, "--dialect is for files"),
        (["empty.sql"], 1, "There are no tables in empty."),
        (["broken.sql"], 1, "line 3"),
    ],
)
def test_what_stands_in_the_way_is_said(
    dump: Path, arguments: list[str], status: int, said: str
) -> None:
    (dump.parent / "empty.sql").write_text("-- nothing\n", encoding="utf-8")
    (dump.parent / "broken.sql").write_text(
        "-- a dump\nSET NAMES utf8mb4;\nCREATE TABLE `a` (`id` int NOT, `b` int) ENGINE=InnoDB;\n",
        encoding="utf-8",
    )
    done = run(*arguments, folder=dump.parent)
    assert done.returncode == status, done.stderr
    assert said in done.stderr
    assert "s3cret" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
