from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from common.document.limits import DocumentLimits
from common.document.read import read_document
from common.document.resolved import ColumnType
from common.document.strict_json import parse_json

FOLDER = Path(__file__).parents[3] / "examples"
EXAMPLES = sorted(FOLDER.glob("*.json"))

PRINT = """
import sys
from pathlib import Path
from common.document.limits import DocumentLimits
from common.document.read import read_document
from common.document.strict_json import parse_json
for path in sys.argv[1:]:
    reading = read_document(parse_json(Path(path).read_bytes()), DocumentLimits())
    print(reading.resolved, reading.warnings)
"""


def read(path):
    return read_document(parse_json(path.read_bytes()), DocumentLimits())


def test_there_are_examples_of_five_kinds():
    assert {"blog", "shop", "clinic", "organisation", "hostile"} <= {path.stem for path in EXAMPLES}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_without_faults_and_every_table_is_described(path):
    reading = read(path)
    assert reading.faults == ()
    assert reading.resolved.project_name.startswith(path.stem)
    assert all(table.description for table in reading.resolved.tables)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_relationship_has_its_other_side(path):
    document = read(path).resolved
    for table in document.tables:
        columns = {column.name for column in table.columns}
        names = [one.name for one in table.relationships]
        assert len(set(names)) == len(names)
        assert columns.isdisjoint(names)
        for one in table.relationships:
            (other,) = (
                side
                for side in document.table(one.target_table).relationships
                if side.name == one.back_populates
            )
            assert (other.target_table, other.back_populates) == (table.name, one.name)
            assert other.foreign_key == one.foreign_key
            if one.link is None:
                assert other.owns_key is not one.owns_key
            else:
                assert (other.link.local, other.link.remote) == (one.link.remote, one.link.local)


def test_the_hostile_example_has_every_type_and_every_kind_of_key():
    document = read(FOLDER / "hostile.json").resolved
    types = {column.type for table in document.tables for column in table.columns}
    assert types == set(ColumnType)


def test_the_examples_have_every_kind_of_relationship():
    kinds = {
        one.kind
        for path in EXAMPLES
        for table in read(path).resolved.tables
        for one in table.relationships
    }
    assert kinds == {"one_to_many", "many_to_one", "one_to_one", "many_to_many"}


def test_the_same_document_means_the_same_in_every_process():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PRINT, *map(str, EXAMPLES)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=FOLDER.parent,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1
    assert outputs.pop()


def test_four_times_as_many_tables_are_read_in_about_four_times_as_long(make):
    """A reading that has become quadratic takes sixteen times as long."""

    def seconds(count):
        tables = [
            make.table(
                f"t{number}",
                *(make.column(f"c{place}", "String", length=9) for place in range(20)),
                *([make.key("before_id", f"t{number - 1}.id")] if number else []),
            )
            for number in range(count)
        ]
        document, taken = make.document(*tables), []
        for _ in range(7):
            began = time.process_time()
            assert not read_document(document, DocumentLimits()).faults
            taken.append(time.process_time() - began)
        return min(taken)

    assert seconds(48) < 10 * seconds(12)
