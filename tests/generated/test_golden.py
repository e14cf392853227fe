"""Golden trees: every change of what comes out is seen in the diff that brings it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

_PLACE = Path(__file__).parents[1] / "golden" / "regenerate.py"
_SPEC = importlib.util.spec_from_file_location("golden_regenerate", _PLACE)
assert _SPEC is not None
assert _SPEC.loader is not None
golden = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(golden)


@pytest.mark.parametrize("path", golden.examples(), ids=lambda path: path.stem)
def test_examples_come_out_as_they_did(path: Path) -> None:
    now, then = golden.rendered(json.loads(path.read_bytes())), golden.stored(path.stem)
    hint = "`make golden` writes the trees anew"
    assert sorted(now) == sorted(then), hint
    changed = [name for name, text in now.items() if text != then[name]]
    assert changed == [], hint


def test_there_is_no_tree_without_its_example() -> None:
    trees = {folder.name for folder in golden.GOLDEN.iterdir() if folder.is_dir()}
    assert trees - {"__pycache__"} == {path.stem for path in golden.examples()}
