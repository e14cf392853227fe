"""The same API and stores as the contract's tests meet."""

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
    start_api,
    stored_api,
)

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
    "start_api",
    "stored_api",
]
