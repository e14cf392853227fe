"""The same document gives the same zip, byte for byte, whatever differs around it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.long
def test_two_runs_give_the_same_bytes_also_under_another_hash_seed(
    backbone: Run, root: Path, tmp_path: Path
) -> None:
    document = root / "examples" / "blog.json"
    sums = set()
    for number, seed in enumerate(("0", "4242")):
        archive = tmp_path / f"{number}" / "blog.zip"
        archive.parent.mkdir()
        made = backbone(
            "generate",
            document,
            "-o",
            archive,
            PYTHONHASHSEED=seed,
            TZ=("UTC", "Asia/Tokyo")[number],
            cwd=archive.parent,
        )
        assert made.returncode == 0, made.stderr
        sums.add(hashlib.sha256(archive.read_bytes()).hexdigest())
    assert len(sums) == 1


def test_how_it_is_verified_changes_the_manifest_alone(
    backbone: Run, root: Path, tmp_path: Path
) -> None:
    document = json.loads((root / "examples" / "blog.json").read_text(encoding="utf-8"))
    projects = []
    for level in ("none", "fast"):
        made = backbone(
            "generate",
            "-",
            "-o",
            tmp_path / f"{level}.zip",
            stdin=json.dumps(document | {"run": {"verify": level}}),
            cwd=tmp_path,
        )
        assert made.returncode == 0, made.stderr
        with zipfile.ZipFile(tmp_path / f"{level}.zip") as archive:
            projects.append({name: archive.read(name) for name in archive.namelist()})
    manifests = [json.loads(project.pop("backbone.json")) for project in projects]
    assert projects[0] == projects[1]
    assert manifests[0].pop("checks") != manifests[1].pop("checks")
    assert manifests[0] == manifests[1]
