"""Documents from elsewhere: a folder of them, with what is expected of each.

`CORPUS_DIR` holds `INDEX.tsv` (columns `name` and `expect`) beside `real/*.json`, and
`adversarial/EXPECT.tsv` (columns `file`, `expect`, `where`) beside the files themselves.
"""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest

from common.document.limits import DocumentLimits
from common.document.read import read_document
from common.document.strict_json import parse_json
from common.errors import RequestError

FOLDER = os.environ.get("CORPUS_DIR")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        FOLDER is None, reason="no corpus; run with CORPUS_DIR=<folder> to read one"
    ),
]


def rows(name):
    if FOLDER is None:
        return []
    with (Path(FOLDER) / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def findings(path, **members):
    """The faults of a document, whether it is refused at once or found wrong."""
    try:
        raw = parse_json(path.read_bytes())
        if members:
            raw = {**raw, **members}
        return read_document(raw, DocumentLimits()).faults
    except RequestError as error:
        return error.faults


@pytest.mark.parametrize("row", rows("INDEX.tsv"), ids=lambda row: row["name"])
def test_a_real_document_is_read_as_expected(row):
    path = Path(FOLDER) / "real" / f"{row['name']}.json"
    found = findings(path)
    expected = row["expect"]
    if expected == "accept":
        assert found == ()
    elif "no primary key" in expected:
        assert {fault.code for fault in found} == {"primary_key_missing"}
        assert findings(path, options={"add_missing_primary_keys": True}) == ()
    else:
        shape, code = {
            "over 100 columns": (r"/schema/\d+/columns", "limit_exceeded"),
            "over 50 relationships": (r"/schema/\d+/relationships", "limit_exceeded"),
            "neither key nor unique": (r"/schema/\d+/columns/\d+/target", "target_not_unique"),
        }[next(words for words in _REASONS if words in expected)]
        assert {fault.code for fault in found} == {code}
        assert all(re.fullmatch(shape, fault.pointer) for fault in found)


_REASONS = ("over 100 columns", "over 50 relationships", "neither key nor unique")


@pytest.mark.parametrize("row", rows("adversarial/EXPECT.tsv"), ids=lambda row: row["file"])
def test_an_adversarial_document_is_read_as_expected(row):
    found = findings(Path(FOLDER) / "adversarial" / row["file"])
    if row["expect"] == "accept":
        assert found == ()
    elif row["expect"] == "reject":
        place = re.sub(r"\[(\d+)\]", r".\1", row["where"])
        wanted = ["", *place.split(".")] if place else [""]
        near = (fault.pointer.split("/") for fault in found)
        assert any(
            parts == wanted or parts == wanted[:-1] or parts[:-1] == wanted or wanted == [""]
            for parts in near
        )
