"""Long histories of jobs, many of them: see `tests/unit/test_jobs_machine.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_jobs_machine import machine_in, survive


@pytest.mark.long
def test_jobs_survive_long_histories(tmp_path: Path) -> None:
    survive(machine_in(tmp_path), examples=300, steps=100)
