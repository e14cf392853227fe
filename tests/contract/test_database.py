"""Connections to a database server; a file has none that could be cut off."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import pytest
from sqlalchemy import Engine, text

from common import clock
from common.db.engine import reading
from common.jobs.store import JobStore


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_connections_that_were_cut_off_are_made_anew_and_nobody_hears_of_it(
    engine: Engine, new_engine: Callable[[], Engine]
) -> None:
    """As when the server was restarted: all that lie in the pool are dead."""
    with ExitStack() as several:
        connections = [several.enter_context(reading(engine).connect()) for _ in range(4)]
        ask = text("SELECT pg_backend_pid()")
        servers = [connection.execute(ask).scalar() for connection in connections]
    with new_engine().begin() as other:
        for server in servers:
            other.execute(text("SELECT pg_terminate_backend(:server, 5000)"), {"server": server})
    JobStore(engine, clock.now).ping()
    with engine.begin() as connection:
        assert connection.execute(ask).scalar() not in servers
