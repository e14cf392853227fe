"""The clock is the machine's, unless a demonstration moves it; never in production."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AHEAD = """
import sys
from datetime import UTC, datetime
from common import clock
before = datetime.now(UTC)
told = clock.now()
ahead = float(sys.argv[1])
at_least, at_most = ((told - each).total_seconds() for each in (datetime.now(UTC), before))
print(clock.can_be_moved(), at_least <= ahead <= at_most)
"""
PRODUCTION = "import workers.app"
SAFE = """
from common.safe_settings import refuse_unsafe
from common.settings import Settings
refuse_unsafe(Settings(_env_file=None, environment="production"))
"""


def run(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("written", "ahead"), [("3600", 3600), ("-5", -5), ("", 0), ("noon", 0), (None, 0)]
)
def test_is_ahead_by_what_the_file_says(tmp_path: Path, written: str | None, ahead: int) -> None:
    file = tmp_path / "clock"
    if written is not None:
        file.write_text(written)
    said = run(AHEAD, str(ahead), BACKBONE_CLOCK_FILE=str(file)).stdout
    assert said.split() == ["True", "True"]


def test_is_the_machines_without() -> None:
    assert run(AHEAD, "0").stdout.split() == ["False", "True"]


@pytest.mark.parametrize("code", [SAFE, PRODUCTION])
def test_is_not_moved_in_production(tmp_path: Path, code: str) -> None:
    settings = {"ENVIRONMENT": "production", "DATA_DIR": str(tmp_path)}
    done = run(code, BACKBONE_CLOCK_FILE=str(tmp_path / "clock"), **settings)
    assert done.returncode != 0
    assert "BACKBONE_CLOCK_FILE: must not be set in production" in done.stderr
