"""Connections: as many as there are threads that use one, and a clear word where that was wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import pytest
from anyio.to_thread import current_default_thread_limiter

from api import batch_intake, desk
from common.db import engine as engine_module
from common.db.engine import POOL_SIZE, make_engine, reading
from common.errors import TransientError
from tests.silent_server import SilentServer


@pytest.fixture
def silent_server() -> Iterator[SilentServer]:
    with SilentServer() as server:
        yield server


def test_no_thread_of_the_api_waits_for_a_connection() -> None:
    async def of_requests() -> float:
        return current_default_thread_limiter().total_tokens

    beside = ["recorder", "dispatcher", "watch of jobs", "watch of batches", "later", "health"]
    threads = anyio.run(of_requests) + batch_intake._AT_A_TIME + desk._THREADS + len(beside)
    assert threads <= POOL_SIZE


def test_one_who_waits_too_long_is_told_to_come_back(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'backbone.db'}", wait_seconds=0.1)
    try:
        with contextlib.ExitStack() as taken:
            for _ in range(POOL_SIZE):
                taken.enter_context(reading(engine).connect())
            with pytest.raises(TransientError) as raised, engine.begin():
                pass
        assert raised.value.code == "database_unavailable"
        with engine.begin() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
    finally:
        engine.dispose()


def test_a_server_that_says_nothing_keeps_one_thread_waiting_and_not_all(
    monkeypatch: pytest.MonkeyPatch, silent_server: SilentServer
) -> None:
    monkeypatch.setattr(engine_module, "_CONNECT_SECONDS", 2)
    engine = make_engine(f"postgresql://127.0.0.1:{silent_server.port}/x")

    def ask(_number: int = 0) -> str:
        with pytest.raises(TransientError) as raised, engine.connect():
            pass
        return raised.value.code

    assert ask() == "database_unavailable"
    came = silent_server.count
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(8))) == {"database_unavailable"}
    assert silent_server.count == came + 1
