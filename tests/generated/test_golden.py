"""Golden trees: every change of what comes out is seen in the diff that brings it."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from backbone.checkout import checkout_cache
from common.document.limits import DocumentLimits
from workers.pipeline import Progress, run_pipeline
from workers.sandbox.sandbox import Sandbox, open_sandbox

_PLACE = Path(__file__).parents[1] / "golden" / "regenerate.py"
_SPEC = importlib.util.spec_from_file_location("golden_regenerate", _PLACE)
assert _SPEC is not None
assert _SPEC.loader is not None
golden = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(golden)


DOCUMENTS = [*golden.examples(), *golden.cases()]
QUICK = {"composite_keys", "cycles", "enums", "operations"}
"""The cases that `make test` proves; `make test-all` proves all of them."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(checkout_cache()) as opened:
        yield opened


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_documents_come_out_as_they_did(path: Path) -> None:
    now, then = golden.shown(path), golden.stored(path.stem)
    hint = "`make golden` writes the trees anew"
    assert sorted(now) == sorted(then), hint
    changed = [name for name, text in now.items() if text != then[name]]
    assert changed == [], hint


def test_there_is_no_tree_without_its_document() -> None:
    assert sorted(tree.name for tree in golden.trees()) == sorted(path.stem for path in DOCUMENTS)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=[] if path.stem in QUICK else [pytest.mark.long])
        for path in golden.cases()
    ],
)
def test_a_case_is_proven(path: Path, sandbox: Sandbox) -> None:
    progress = Progress(lambda _stage: None, lambda _done, _total: None, lambda: False)
    raw = json.loads(path.read_bytes())
    report = run_pipeline(raw, limits=DocumentLimits(), sandbox=sandbox, progress=progress).report
    assert report.level == "full"
    assert [
        (check.name, check.reason, check.output)
        for check in report.checks
        if check.outcome != "passed"
    ] == []
