"""What is special about SQLite: how it is set up, which indexes it reads, several processes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from common import clock
from common.callers import CallerStore
from common.db.engine import forgetful, make_engine, reading
from common.db.migrate import migrate
from common.db.tables import jobs
from common.errors import TransientError
from common.jobs.admission import Admission
from common.jobs.expiry import expire
from common.jobs.job import JobStatus
from common.jobs.lanes import Lane
from common.jobs.new_job import JobFilter, NewJob, Wish
from common.jobs.recovery import recover
from common.jobs.retention import Retention
from common.jobs.store import JobStore


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'deep' / 'backbone.db'}"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    migrate(engine)
    CallerStore(engine, clock.now).ensure("local")
    yield engine
    engine.dispose()


@pytest.fixture
def statements(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that is executed, with its parameters."""
    executed: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        executed.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield executed
    event.remove(engine, "before_cursor_execute", note)


def plans(engine: Engine, statements: list[tuple[str, Any]]) -> list[str]:
    """How SQLite answers each SELECT and UPDATE among the statements."""
    found = []
    with reading(engine).connect() as connection:
        for statement, parameters in list(statements):
            if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                found.append("\n".join(str(row[3]) for row in rows))
    return found


def queue_many(engine: Engine, count: int, lane: Lane) -> None:
    """Have `count` jobs of the one caller wait in `lane`."""
    job_id = JobStore(engine, clock.now).submit(NewJob("local", {})).job.id
    with engine.begin() as connection:
        names = [
            column.name for column in jobs.columns if column.name not in {"id", "lane", "sent_at"}
        ]
        copied = ", ".join(names)
        numbers = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?)"
        copies = f"SELECT id || '_' || n, ?, {copied} FROM jobs, n WHERE id = ?"  # noqa: S608
        connection.exec_driver_sql(
            f"{numbers} INSERT INTO jobs (id, lane, {copied}) {copies}",
            (count, lane.value, job_id),
        )
        connection.exec_driver_sql("DELETE FROM jobs WHERE id = ?", (job_id,))


def test_is_safe_and_lets_readers_through(engine: Engine) -> None:
    with engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }


def test_only_what_may_be_forgotten_is_not_flushed(engine: Engine) -> None:
    """Whatever a connection did before."""
    for way, expected in ((forgetful(engine), 1), (engine, 2), (forgetful(engine), 1), (engine, 2)):
        with way.begin() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == expected


def test_a_reader_waits_for_no_writer(engine: Engine) -> None:
    store = JobStore(engine, clock.now)
    job = store.submit(NewJob("local", {})).job
    with engine.begin():
        assert store.get("local", job.id) == job


def test_a_folder_that_is_none_is_named_as_such(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}")
    with pytest.raises(TransientError) as raised:
        JobStore(engine, clock.now).ping()
    assert raised.value.code == "database_unavailable"


@pytest.mark.parametrize("url", ["mysql://x", "oracle://x"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SQLite or PostgreSQL"):
        make_engine(url)


class TestPlans:
    def test_a_poll_is_one_look_at_the_primary_key(
        self, engine: Engine, statements: list[tuple[str, Any]]
    ) -> None:
        JobStore(engine, clock.now).find("local", "job_01m84r2bpxptkgp46j6m66kp7n")
        assert plans(engine, statements) == [
            "SEARCH jobs USING INDEX sqlite_autoindex_jobs_1 (id=?)"
        ]

    @pytest.mark.parametrize(
        "only",
        [
            JobFilter(),
            JobFilter(status=JobStatus.FAILED),
            JobFilter(project_name="x"),
            JobFilter(batch_id="x"),
            JobFilter(created_after=clock.now()),
        ],
        ids=["all", "status", "project", "batch", "time"],
    )
    def test_a_list_reads_an_index_and_sorts_nothing(
        self, engine: Engine, statements: list[tuple[str, Any]], only: JobFilter
    ) -> None:
        JobStore(engine, clock.now).list("local", only)
        [plan] = plans(engine, statements)
        assert "SEARCH jobs USING INDEX ix_jobs_" in plan
        assert "TEMP B-TREE" not in plan

    def test_a_list_of_a_status_reads_no_job_of_another(
        self, engine: Engine, statements: list[tuple[str, Any]]
    ) -> None:
        JobStore(engine, clock.now).list("local", JobFilter(status=JobStatus.FAILED))
        [plan] = plans(engine, statements)
        lanes = "INDEX ix_jobs_status_lane_caller_id_id (status=? AND lane=? AND caller_id=?"
        assert plan.count(lanes) == len(Lane)

    def test_a_wish_is_looked_up(self, engine: Engine, statements: list[tuple[str, Any]]) -> None:
        JobStore(engine, clock.now).find_wished("local", Wish("x", "y"))
        [plan] = plans(engine, statements)
        assert "USING INDEX uq_jobs_caller_id_idempotency_key" in plan

    def test_admission_scans_no_jobs(
        self, engine: Engine, statements: list[tuple[str, Any]]
    ) -> None:
        store = JobStore(engine, clock.now)
        store.submit(NewJob("local", {}))
        admission = Admission(
            engine,
            clock.now,
            lambda *_: None,
            slots=1,
            max_attempts=3,
            max_running_per_caller=20,
        )
        statements.clear()
        assert admission.admit() == 1
        recover(engine, clock.now(), max_attempts=3)
        found = plans(engine, statements)
        assert len(found) >= 6
        few = "sent_at|lease_expires_at|deferred_until|start_by"
        harmless = re.compile(
            rf"(SEARCH|SCAN) jobs USING (COVERING )?INDEX ix_jobs_({few})\b"
            r"|SEARCH jobs USING (COVERING )?INDEX ix_jobs_status_lane_caller_id_id"
            r" \(status=\? AND lane=\?"
            r"|SEARCH jobs USING (COVERING )?INDEX sqlite_autoindex_jobs_1 \(id=\?\)"
        )
        for plan in found:
            for line in plan.splitlines():
                assert "jobs" not in line or harmless.match(line.strip()), line
            # Of all that is queued only the first is looked at: by leaps, or by LIMIT.
            if re.search(r"lane=\?\)", plan):
                [statement] = [
                    each for each, _ in statements if plans(engine, [(each, _)]) == [plan]
                ]
                assert "LIMIT" in statement

    @pytest.mark.parametrize("lane", Lane)
    def test_admission_costs_the_same_however_many_wait(self, engine: Engine, lane: Lane) -> None:
        """In steps of SQLite's machine: ten jobs of a caller, and ten thousand."""
        steps = 0

        def step() -> int:
            nonlocal steps
            steps += 1
            return 0

        def count_steps(connection: Any, *_: Any) -> None:
            connection.set_progress_handler(step, 10)

        admission = Admission(
            engine,
            clock.now,
            lambda *_: None,
            slots=2,
            max_attempts=3,
            max_running_per_caller=20,
        )
        costs = []
        for count in (10, 10_000):
            queue_many(engine, count, lane)
            event.listen(engine, "checkout", count_steps)
            steps = 0
            assert admission.admit() == (0 if lane is Lane.HELD else 4)
            costs.append(steps)
            event.remove(engine, "checkout", count_steps)
            with engine.begin() as connection:
                connection.exec_driver_sql("DELETE FROM jobs")
        assert costs[0] > 5
        assert costs[1] < 1.5 * costs[0]

    def test_what_is_few_is_looked_for_by_itself(
        self, engine: Engine, statements: list[tuple[str, Any]]
    ) -> None:
        recover(engine, clock.now(), max_attempts=3)
        [plan] = plans(engine, statements)
        for column in ("lease_expires_at", "deferred_until", "start_by"):
            assert f"INDEX ix_jobs_{column} ({column}" in plan

    def test_expiry_scans_nothing(self, engine: Engine, statements: list[tuple[str, Any]]) -> None:
        keep = Retention(clock.now() - clock.now(), clock.now() - clock.now())
        expire(engine, clock.now(), keep, lambda _: None)
        found = [line.strip() for plan in plans(engine, statements) for line in plan.splitlines()]
        assert found.count("SEARCH jobs USING INDEX ix_jobs_created_at (created_at<?)") == 1
        harmless = re.compile(
            r"SEARCH jobs USING INDEX (ix_jobs_\w+|sqlite_autoindex_jobs_1) |LIST SUBQUERY"
        )
        assert all(harmless.match(line) for line in found), found


def test_a_file_that_is_no_database_is_a_database_that_is_not_available(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<html>" * 1000)
    with pytest.raises(TransientError, match="not available"):
        migrate(make_engine(f"sqlite:///{path}"))
