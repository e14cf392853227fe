"""Whole folders of documents through `backbone corpus`: some of our own, and one from outside.

`CORPUS_DIR` names a folder of documents, with `INDEX.tsv` or `EXPECT.tsv` where some of them are to
be refused. What passed is kept in the default folder, so a run that was stopped goes on.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = os.environ.get("CORPUS_DIR")
OWN = Path(__file__).parent / "corpus"
NO_CORPUS = "there is no corpus; `CORPUS_DIR=FOLDER make test-all` names one"


def complaints(folder: Path, *options: str) -> list[str]:
    """What is wrong with the documents of a folder; every one of them was tried."""
    ran = subprocess.run(
        [sys.executable, "-m", "backbone", "corpus", str(folder), "--json", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout, ran.stderr
    summary = json.loads(ran.stdout)
    assert summary["skipped"] == 0
    assert summary["passed"] + summary["failed"] == len(list(folder.rglob("*.json")))
    found = [
        f"{one['document']}: {wrong}" for one in summary["documents"] for wrong in one["wrong"]
    ]
    assert (ran.returncode, summary["failed"] > 0) in {(0, False), (1, True)}
    return found


@pytest.mark.long
def test_our_own_documents(tmp_path: Path) -> None:
    assert complaints(OWN, "--results", str(tmp_path)) == []


@pytest.mark.long
@pytest.mark.skipif(FOLDER is None, reason=NO_CORPUS)
def test_a_corpus_from_outside() -> None:
    assert complaints(Path(str(FOLDER))) == []
