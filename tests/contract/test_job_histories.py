"""Long histories of jobs, many of them: see `tests/unit/test_jobs_machine.py`."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from common.db.engine import make_engine
from tests.unit.test_jobs_machine import Jobs, machine_in, machine_of, survive


@pytest.fixture
def machine(database_url: str, engine: Engine, tmp_path: Path) -> type[Jobs]:
    """On each database; on PostgreSQL the same one for every history, emptied before each."""
    if make_url(database_url).get_backend_name() == "sqlite":
        return machine_in(tmp_path / "migrated")

    def fresh(_own: Path) -> Engine:
        with engine.begin() as connection:
            connection.execute(text("TRUNCATE callers, jobs, batches CASCADE"))
        return make_engine(database_url)

    return machine_of(fresh)


def test_jobs_survive_some_histories(machine: type[Jobs]) -> None:
    survive(machine, examples=5, steps=30)


@pytest.mark.long
def test_jobs_survive_long_histories(machine: type[Jobs]) -> None:
    survive(machine, examples=300, steps=100)
