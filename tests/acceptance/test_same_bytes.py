"""The same document gives the same zip, byte for byte, whatever differs around it."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_two_runs_give_the_same_bytes_also_under_another_hash_seed(
    backbone: Run, root: Path, tmp_path: Path
) -> None:
    document = root / "examples" / "blog.json"
    sums = set()
    for number, seed in enumerate(("0", "1", "4242")):
        archive = tmp_path / f"{number}" / "blog.zip"
        archive.parent.mkdir()
        made = backbone(
            "generate",
            document,
            "-o",
            archive,
            PYTHONHASHSEED=seed,
            TZ=("UTC", "Asia/Tokyo", "America/Lima")[number],
            cwd=archive.parent,
        )
        assert made.returncode == 0, made.stderr
        sums.add(hashlib.sha256(archive.read_bytes()).hexdigest())
    assert len(sums) == 1
