"""The docs pages in a real browser, under the policy that they are sent with."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.security.api_process import ApiProcess

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--virtual-time-budget=8000",
)
ONLY_A_LOGO = "cdn.redoc.ly/redoc/logo-mini.svg"

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(CHROMIUM is None, reason="no browser: run `apt-get install chromium`"),
]


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_a_page_is_whole_and_breaks_no_rule_of_its_policy(
    api_process: ApiProcess, tmp_path: Path, page: str
) -> None:
    assert CHROMIUM is not None
    finished = subprocess.run(
        [
            CHROMIUM,
            *QUIET,
            f"--user-data-dir={tmp_path}",
            "--dump-dom",
            f"{api_process.url}{page}",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    # Written by the scripts of the page, from the description that they fetched
    for words in ("Generate a project", "Check a document", "BackBone-AI"):
        assert words in finished.stdout
    said = [line for line in finished.stderr.splitlines() if "CONSOLE" in line]
    assert [line for line in said if ONLY_A_LOGO not in line] == []
