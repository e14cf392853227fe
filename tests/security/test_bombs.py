"""Small bodies, and small texts in them, that would cost far more than they weigh."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.bodies import SMALL_BODY
from tests.contract.conftest import NOTES
from tests.security.api_process import API_KEY, ApiProcess
from tests.security.bombs import BODIES, INNOCENT

MEGABYTE = 0x100000
SIZE = 1_000_000
TIMES_AS_LONG = 40
TIMES_ITS_SIZE = 80
GOOD = {"X-API-Key": API_KEY}


@pytest.fixture(scope="module")
def weighed(root: Path) -> dict[str, tuple[float, int, str | None]]:
    """What each body cost, measured in a process that did nothing else."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.security.bombs", str(SIZE)],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return dict(json.loads(finished.stdout))


def test_the_innocent_body_is_innocent(weighed: Any) -> None:
    seconds, _, code = weighed[INNOCENT]
    assert code is None
    assert seconds > 0


@pytest.mark.parametrize("name", BODIES)
def test_no_body_costs_far_more_than_it_weighs(weighed: Any, name: str) -> None:
    """Deep nesting, names that collide, endless numbers, a million of anything."""
    seconds, peak_bytes, _ = weighed[name]
    assert seconds < TIMES_AS_LONG * weighed[INNOCENT][0]
    assert peak_bytes < TIMES_ITS_SIZE * SIZE


def test_more_values_than_a_document_has_are_not_even_read(api_process: ApiProcess) -> None:
    """Ten megabytes of them would become a gigabyte."""
    api_process.forget_peak()
    before = api_process.peak_bytes()
    for name in ("no numbers", "empty objects", "deep ones side by side"):
        body = BODIES[name](10 * MEGABYTE)
        answer = httpx.post(
            f"{api_process.url}/api/v1/validate", content=body, headers=GOOD, timeout=60
        )
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "too_many_values"
    assert api_process.peak_bytes() - before < 80 * MEGABYTE


def test_large_bodies_sent_at_once_wait_for_each_other(api_process: ApiProcess) -> None:
    """Together they would take what none of them takes alone."""
    body = BODIES["many names"](MEGABYTE)
    url = f"{api_process.url}/api/v1/validate"

    def send(_: int) -> int:
        return httpx.post(url, content=body, headers=GOOD, timeout=120).status_code

    api_process.forget_peak()
    before = api_process.peak_bytes()
    assert send(0) == 400
    alone = api_process.peak_bytes() - before
    with ThreadPoolExecutor(7) as pool:
        assert set(pool.map(send, range(7))) == {400}
    together = api_process.peak_bytes() - before
    assert together < 7 * len(body) + 4 * alone
    assert api_process.is_there()


async def test_where_little_is_needed_little_is_taken(start_api: Any) -> None:
    api = await start_api()
    for path in ("auth/token", "auth/revoke", "admin/callers", "admin/keys", "jobs/job_x/retry"):
        answer = await api.client.post(
            f"/api/v1/{path}", content=b" " * (SMALL_BODY + 1), headers=api.key("admin")
        )
        assert answer.status_code == 413, path


NUMBERS = ("9" * 4300, "-" + "9" * 4300, "1e308", "123456789012345678901234567890")


async def test_numbers_of_any_size_are_answered(start_api: Any) -> None:
    high = "100000/minute"
    api = await start_api(rate_limit_generation=high, rate_limit_validation=high)
    for where in ("length", "default", "precision", "timeout_seconds", "max_cost_usd", "name"):
        in_run = where in {"timeout_seconds", "max_cost_usd"}
        column = {"name": "amount", "type": "Integer"} | ({} if in_run else {where: "@"})
        table = NOTES["schema"][0]
        table = table | {"columns": [*table["columns"], column]}
        document = NOTES | {"schema": [table], "run": {where: "@"} if in_run else {}}
        for number in NUMBERS:
            text = json.dumps(document).replace('"@"', number)
            for path in ("validate", "generate"):
                answer = await api.post(f"/api/v1/{path}", content=text)
                assert answer.status_code in {200, 202, 422}, answer.text
                assert len(answer.text) < 100_000


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_compressed_bomb_is_not_unpacked(api_process: ApiProcess, coding: str) -> None:
    body = b" " * (200 * MEGABYTE)
    bomb = gzip.compress(body, 1) if coding == "gzip" else zlib.compress(body, 1)
    assert len(bomb) < MEGABYTE
    api_process.forget_peak()
    before = api_process.peak_bytes()
    headers = GOOD | {"Content-Encoding": coding, "Content-Type": "application/json"}
    for path in ("validate", "generate", "batches"):
        answer = httpx.post(f"{api_process.url}/api/v1/{path}", content=bomb, headers=headers)
        assert answer.status_code == 415
    # Whatever the method, and wherever it stands
    for method, path in (("PATCH", "admin/callers/default"), ("POST", "validate")):
        twice = [*{**headers, "Content-Encoding": "identity"}.items(), ("Content-Encoding", coding)]
        answer = httpx.request(
            method, f"{api_process.url}/api/v1/{path}", content=bomb, headers=twice
        )
        assert answer.status_code == 415, method
    assert api_process.peak_bytes() - before < 20 * MEGABYTE


def test_no_regular_expression_is_slower_than_linear(root: Path) -> None:
    """Each of ours is attacked with what it repeats, 50,000 characters long."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.security.patterns"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert finished.stdout == ""
    assert finished.returncode == 0, finished.stderr
    attacked = int(finished.stderr.split()[-2])
    assert attacked > 80
