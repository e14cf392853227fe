"""The same API and stores as the contract's tests meet, and the API as a process of its own."""

from collections.abc import Iterator

import pytest

from tests.contract.conftest import (
    alice,
    api,
    bob,
    clock,
    counting,
    database_url,
    engine,
    migrated_file,
    new_engine,
    notes,
    port,
    start_api,
    stored_api,
)
from tests.security.api_process import ApiProcess

__all__ = [
    "alice",
    "api",
    "bob",
    "clock",
    "counting",
    "database_url",
    "engine",
    "migrated_file",
    "new_engine",
    "notes",
    "port",
    "start_api",
    "stored_api",
]


@pytest.fixture(scope="session")
def api_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiProcess]:
    """A process that serves the API, with limits too high to be met by accident."""
    origins = {"CORS_ORIGINS": '["https://app.example.org"]'}
    with ApiProcess(tmp_path_factory.mktemp("api"), **origins) as started:
        yield started
