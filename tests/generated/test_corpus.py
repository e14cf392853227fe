"""Documents from outside: converted from databases that exist, and hostile ones.

`CORPUS_DIR` names a folder with `INDEX.tsv`, `real/*.json`, `adversarial/*.json` and
`adversarial/EXPECT.tsv`. `make test` takes a few of them, `make test-all` every third of the real
ones and all of the hostile ones.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.document.limits import DocumentLimits
from common.document.read import read_document
from common.document.strict_json import parse_json
from common.errors import RequestError
from common.settings import Settings
from workers.pipeline import Progress, run_pipeline
from workers.sandbox.sandbox import Sandbox, open_sandbox

CORPUS = Path(os.environ["CORPUS_DIR"]) if os.environ.get("CORPUS_DIR") else None
LIMITS = DocumentLimits.from_settings(Settings())
QUICK = 6
"""How many of each kind `make test` takes."""

Document = dict[str, Any]


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def cases(kind: str) -> list[Any]:
    """One parameter a document: its path and what is said of it."""
    if CORPUS is None:
        reason = "there is no corpus; `CORPUS_DIR=FOLDER make test-all` names one"
        marks = [pytest.mark.long, pytest.mark.skip(reason=reason)]
        return [pytest.param(None, {}, id=kind, marks=marks)]
    if kind == "real":
        said = {row["name"]: row for row in table(CORPUS / "INDEX.tsv")}
        paths = sorted((CORPUS / "real").glob("*.json"))[::3]
    else:
        said = {Path(row["file"]).stem: row for row in table(CORPUS / "adversarial/EXPECT.tsv")}
        paths = sorted((CORPUS / "adversarial").glob("*.json"))
    quick = set(sorted(paths, key=lambda path: (path.stat().st_size, path.name))[:QUICK])
    return [
        pytest.param(
            path,
            said[path.stem],
            id=path.stem,
            marks=[] if path in quick else [pytest.mark.long],
        )
        for path in paths
    ]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox() as opened:
        yield opened


def refusal(body: bytes) -> list[str] | None:
    """The places at which a document is refused; None if it is accepted."""
    try:
        reading = read_document(parse_json(body), LIMITS)
    except RequestError as error:
        return [fault.pointer for fault in error.faults]
    return [fault.pointer for fault in reading.faults] or None


def unproven(body: bytes, sandbox: Sandbox) -> list[str]:
    """What went wrong in the project of an accepted document, a line each."""
    progress = Progress(lambda _stage: None, lambda _done, _total: None, lambda: False)
    raw = read_document(parse_json(body), LIMITS).raw
    report = run_pipeline(raw, limits=LIMITS, sandbox=sandbox, progress=progress).report
    return [
        f"{check.name}: {check.reason}: {'; '.join(check.details[:5])} {check.output[-1500:]}"
        for check in report.checks
        if check.outcome == "failed"
    ]


def near(pointer: str, place: str) -> bool:
    """Whether a pointer is a place, something in it, or what it is directly in."""
    parent = place.rpartition("/")[0]
    return pointer in {place, parent} or pointer.startswith(f"{place}/")


def keyless(document: Document) -> list[str]:
    return [
        f"/schema/{number}"
        for number, described in enumerate(document["schema"])
        if not any(column.get("primary_key") for column in described["columns"])
    ]


def crowded(document: Document, member: str, most: int) -> list[str]:
    return [
        f"/schema/{number}/{member}"
        for number, described in enumerate(document["schema"])
        if len(described.get(member, [])) > most
    ]


def unkeyed_targets(document: Document) -> list[str]:
    """Foreign keys to columns that are neither a key alone nor unique alone."""
    keys = set()
    for described in document["schema"]:
        primary = [column for column in described["columns"] if column.get("primary_key")]
        single = {column["name"] for column in described["columns"] if column.get("unique")}
        single |= {columns[0] for columns in described.get("unique", []) if len(columns) == 1}
        single |= {primary[0]["name"]} if len(primary) == 1 else set()
        keys |= {f"{described['table_name']}.{name}" for name in single}
    return [
        f"/schema/{number}/columns/{place}"
        for number, described in enumerate(document["schema"])
        for place, column in enumerate(described["columns"])
        if column.get("target") and column["target"] not in keys
    ]


def wrong_places(document: Document, expected: str) -> list[str]:
    if "primary key" in expected:
        return keyless(document)
    if "100 columns" in expected:
        return crowded(document, "columns", 100)
    if "50 relationships" in expected:
        return crowded(document, "relationships", 50)
    return unkeyed_targets(document)


@pytest.mark.parametrize(("path", "said"), cases("real"))
def test_a_real_database(path: Path, said: dict[str, str], sandbox: Sandbox) -> None:
    body = path.read_bytes()
    if said["expect"].startswith("refuse"):
        pointers = refusal(body)
        places = wrong_places(json.loads(body), said["expect"])
        assert places
        assert pointers is not None
        for place in places:
            assert any(near(pointer, place) for pointer in pointers), (place, pointers)
        for pointer in pointers:
            assert any(near(pointer, place) for place in places), (pointer, places)
        if "accept with add_missing_primary_keys" not in said["expect"]:
            return
        document = json.loads(body)
        document.setdefault("options", {})["add_missing_primary_keys"] = True
        body = json.dumps(document).encode()
    assert refusal(body) is None
    assert unproven(body, sandbox) == []


@pytest.mark.parametrize(("path", "said"), cases("adversarial"))
def test_a_hostile_document(path: Path, said: dict[str, str], sandbox: Sandbox) -> None:
    body = path.read_bytes()
    pointers = refusal(body)
    if said["expect"] == "accept":
        assert pointers is None
    if said["expect"] == "reject":
        assert pointers is not None
        place = "/" + re.sub(r"\[(\d+)\]", r"/\1", said["where"]).replace(".", "/").strip("/")
        if said["where"]:
            assert any(near(pointer, place) for pointer in pointers), (place, pointers)
    if pointers is None:
        assert unproven(body, sandbox) == []
