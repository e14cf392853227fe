"""Projects made from documents, in folders of their own, and their tests as processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

from common.document.limits import DocumentLimits
from common.document.read import read_document
from workers.plan.make import make_plan
from workers.stages.render import render

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = {
    "blog": ROOT / "examples/blog.json",
    "types": ROOT / "tests/generated/documents/types.json",
    "checks": ROOT / "tests/generated/documents/checks.json",
    "keys": ROOT / "tests/generated/documents/keys.json",
    "names": ROOT / "tests/generated/documents/names.json",
    "refusals": ROOT / "tests/generated/documents/refusals.json",
    "users": ROOT / "tests/generated/documents/users.json",
    "everything": ROOT / "tests/generated/documents/everything.json",
    "rings": ROOT / "tests/generated/corpus/rings.json",
}


@cache
def rendered(name: str, db_type: str, **options: str) -> Mapping[str, str]:
    document = json.loads(DOCUMENTS[name].read_text(encoding="utf-8")) | {"db_type": db_type}
    document["options"] = document.get("options", {}) | options
    reading = read_document(document, DocumentLimits())
    assert reading.resolved is not None, reading.faults
    return render(make_plan(reading.resolved))


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Writes the project of a document into a folder of the test's own."""

    def write(name: str, db_type: str = "sqlite", **options: str) -> Path:
        folder = tmp_path / name
        for path, text in rendered(name, db_type, **options).items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def run_tests() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs tests of a project, as whoever has it would."""
    kept = {"PATH", "HOME", "LANG", "TMPDIR"}
    clean = {name: value for name, value in os.environ.items() if name in kept}

    def run(
        folder: Path, *arguments: str, seconds: int = 300, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--tb=short", "--color=no", *arguments],
            cwd=folder,
            env=clean | {"PYTHONDONTWRITEBYTECODE": "1"} | environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    return run
