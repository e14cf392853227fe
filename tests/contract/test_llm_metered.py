"""What stages rely on: each question is paid for once, whatever happens in between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from common import clock as real_clock
from common.artifacts import ArtifactStore
from common.db.tables import llm_calls
from common.errors import DeferredError, GenerationError, TransientError
from common.jobs.claim import Claim
from common.jobs.claims import JobClaims
from common.jobs.codes import ErrorCode
from common.jobs.job import Job, JobStatus, LlmUsage, Stage
from common.jobs.new_job import NewJob
from common.jobs.recovery import recover
from common.jobs.retention import Retention
from common.jobs.retry import read_retry
from common.jobs.store import JobStore
from common.llm.answers import Finish
from common.llm.choice import ModelChoice
from common.settings import Settings
from workers.checkpoints import Checkpoints
from workers.heartbeat import Pulse
from workers.job_run import JobRun
from workers.llm.failures import CallFailedError, Failure
from workers.llm.model import Message, Model, Question
from workers.llm.models import Models
from workers.llm.provider import Reply
from workers.pipeline import Outcome, Progress
from workers.report import Report

KEEP = Retention(jobs=timedelta(days=7), artifacts=timedelta(days=3))
UNAVAILABLE = TransientError("llm_unavailable", "cut off", retry_after_seconds=0)
DONE = Outcome({}, Report("none", (), ("rlimits",), ()), b"zip")


def question(text: str, **more: Any) -> Question:
    messages = (Message("system", "Be short."), Message("user", text))
    return Question(Stage.DESIGN, "design-1", messages, **more)


class Scripted:
    """A provider that does what the test says, in order; then it answers with a number."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.steps: list[Any] = []

    def call(
        self, choice: ModelChoice, question: Question, cancelled: Callable[[], bool]
    ) -> Reply | None:
        self.asked.append((choice.name, question.messages[-1].text))
        step = self.steps.pop(0) if self.steps else None
        if callable(step):
            step = step()
        if isinstance(step, BaseException):
            raise step
        if isinstance(step, Reply):
            return step
        if step == "wait":
            deadline = real_clock.monotonic() + 60
            while not cancelled():
                assert real_clock.monotonic() < deadline
            return None
        return Reply(f"answer {len(self.asked)}", Finish.ANSWERED, 10, 20)


class House:
    """A worker whose pipeline asks the questions of the test."""

    def __init__(self, engine: Engine, clock: Any, folder: Path, caller: str) -> None:
        self.engine, self.clock, self.caller = engine, clock, caller
        self.store = JobStore(engine, clock)
        self.artifacts = ArtifactStore(folder.as_uri())
        self.provider = Scripted()
        self.answers: list[str] = []
        self.claims = JobClaims(engine, clock, retention=KEEP, lease_seconds=60)

    def worker(self, *texts: str, **settings: Any) -> JobRun:
        known: dict[str, Any] = {"default_llm_provider": "openai", "openai_api_key": "k" * 32}
        made = Settings(_env_file=None, **(known | settings))

        def pipeline(
            _document: object, progress: Progress, _c: Checkpoints, model: Model | None
        ) -> Outcome:
            progress.stage(Stage.DESIGN)
            assert model is not None
            for text in texts:
                self.answers.append(model.ask(question(text)).text)
            return DONE

        models = Models(made, self.engine, self.clock, provider=self.provider)
        return JobRun(
            claims=self.claims,
            artifacts=self.artifacts,
            pipeline=pipeline,
            worker="w",
            lease_seconds=60,
            timeout_seconds=60,
            stage_timeout_seconds=60,
            max_attempts=3,
            stuck=lambda: None,
            model_for=models.of_claim,
        )

    def submit(self, document: Any = None) -> str:
        return self.store.submit(NewJob(self.caller, document or {})).job.id

    def run(self, job_id: str, *texts: str, **settings: Any) -> Job:
        self.worker(*texts, **settings).run(job_id)
        return self.job(job_id)

    def job(self, job_id: str) -> Job:
        return self.store.get(self.caller, job_id)

    def later(self, seconds: float) -> None:
        self.clock.step(seconds)
        recover(self.engine, self.clock(), max_attempts=3)

    def statuses(self) -> list[str]:
        with self.engine.connect() as connection:
            rows = connection.execute(select(llm_calls.c.status).order_by(llm_calls.c.id))
            return sorted(rows.scalars())


@pytest.fixture
def house(engine: Engine, clock: Callable[[], datetime], tmp_path: Path, alice: str) -> House:
    return House(engine, clock, tmp_path, alice)


def failed(error: Any, *, billed: bool, hold: float | None = None) -> CallFailedError:
    return CallFailedError(Failure(error, billed, hold))


def test_an_answer_is_charged_as_the_provider_says(house: House) -> None:
    job = house.run(house.submit(), "a", "b")
    assert job.status is JobStatus.SUCCEEDED
    assert house.answers == ["answer 1", "answer 2"]
    # gpt-5.4: 2.5 and 15 dollars for a million
    assert job.usage == LlmUsage(2, 20, 40, pytest.approx(2 * (10 * 2.5 + 20 * 15) / 1e6))
    assert house.statuses() == ["settled", "settled"]


def test_the_same_question_is_asked_once(house: House) -> None:
    house.run(house.submit(), "a", "a")
    assert house.answers == ["answer 1", "answer 1"]
    assert len(house.provider.asked) == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"design_llm_model": "gpt-5.5"},
        {"openai_temperature": 0.5},
        {"openai_max_tokens": 77},
    ],
)
def test_of_another_model_it_is_another_question(house: House, settings: Any) -> None:
    first = house.submit()
    house.provider.steps = [None, failed(UNAVAILABLE, billed=False)]
    house.run(first, "a", "b")
    house.later(1)
    house.run(first, "a", **settings)
    assert [text for _, text in house.provider.asked] == ["a", "b", "a"]


def test_another_attempt_buys_only_what_is_missing(house: House) -> None:
    job_id = house.submit()
    house.provider.steps = [None, failed(UNAVAILABLE, billed=False), None]
    job = house.run(job_id, "a", "b")
    assert (job.status, job.deferred_reason) == (JobStatus.DEFERRED, "llm_unavailable")
    house.later(1)
    job = house.run(job_id, "a", "b")
    assert job.status is JobStatus.SUCCEEDED
    assert [text for _, text in house.provider.asked] == ["a", "b", "b"]
    assert house.statuses() == ["refunded", "settled", "settled"]
    assert job.usage.llm_calls == 2


def test_a_retry_buys_nothing_twice(house: House) -> None:
    job_id = house.submit()
    rejected = GenerationError(ErrorCode.LLM_REJECTED, "no")
    house.provider.steps = [None, failed(rejected, billed=False)]
    assert house.run(job_id, "a", "b").status is JobStatus.FAILED
    again = house.store.submit(read_retry(house.store, house.caller, job_id)).job.id
    assert house.run(again, "a", "b").status is JobStatus.SUCCEEDED
    assert [text for _, text in house.provider.asked] == ["a", "b", "b"]


def test_what_may_have_been_billed_stays_unsettled(house: House) -> None:
    job_id = house.submit()
    house.provider.steps = [failed(UNAVAILABLE, billed=True)]
    job = house.run(job_id, "a")
    assert job.status is JobStatus.DEFERRED
    assert house.statuses() == ["unsettled"]
    assert job.usage.llm_calls == 1
    assert job.usage.output_tokens == 16_000  # the most that it can have come to


def test_a_worker_that_is_stopped_leaves_its_call_unsettled(house: House) -> None:
    job_id = house.submit()
    house.provider.steps = [SystemExit(0)]
    with pytest.raises(SystemExit):
        house.run(job_id, "a")
    assert house.statuses() == ["unsettled"]
    assert house.job(job_id).status is JobStatus.QUEUED


def test_a_job_that_is_cancelled_waits_for_no_answer(house: House) -> None:
    job_id = house.submit()

    def cancel() -> str:
        house.store.request_cancel(house.caller, job_id)
        return "wait"

    house.provider.steps = [cancel]
    assert house.run(job_id, "a").status is JobStatus.CANCELLED
    assert house.statuses() == ["unsettled"]


@pytest.mark.parametrize(
    ("finish", "code"),
    [(Finish.REFUSED, "llm_refused"), (Finish.TOO_LONG, "llm_answer_too_long")],
)
def test_an_answer_that_is_none_fails_the_job_and_is_paid_for(
    house: House, finish: Finish, code: str
) -> None:
    house.provider.steps = [Reply("no", finish, 10, 20)]
    job = house.run(house.submit(), "a")
    assert job.error is not None
    assert (job.error.code, job.error.retryable, job.error.stage) == (code, True, Stage.DESIGN)
    assert job.usage.llm_calls == 1


def test_without_usage_it_came_to_the_most(house: House) -> None:
    house.provider.steps = [Reply("yes", Finish.ANSWERED, None, None)]
    job = house.run(house.submit(), "a", openai_max_tokens=50)
    assert job.usage.output_tokens == 50
    assert job.usage.input_tokens >= len("Be short.a")


def test_over_quota_a_job_waits_and_goes_on_by_itself(house: House) -> None:
    job_id = house.submit()
    job = house.run(job_id, "a", "b", "c", llm_calls_per_hour=2)
    assert (job.status, job.deferred_reason) == (JobStatus.DEFERRED, "llm_quota")
    assert job.deferred_until == house.clock() + timedelta(hours=1)
    assert (job.attempts[-1].outcome, job.usage.llm_calls) == ("deferred", 2)
    house.later(3600)
    assert house.job(job_id).status is JobStatus.QUEUED
    job = house.run(job_id, "a", "b", "c", llm_calls_per_hour=2)
    assert job.status is JobStatus.SUCCEEDED
    assert [text for _, text in house.provider.asked] == ["a", "b", "c"]


def test_a_busy_provider_is_left_alone_by_all_jobs(house: House) -> None:
    first, second = house.submit(), house.submit()
    house.provider.steps = [failed(UNAVAILABLE, billed=False, hold=30)]
    job = house.run(first, "a")
    assert (job.status, job.deferred_reason) == (JobStatus.DEFERRED, "llm_busy")
    assert job.deferred_until == house.clock() + timedelta(seconds=30)
    job = house.run(second, "a")
    assert (job.status, job.deferred_reason) == (JobStatus.DEFERRED, "llm_busy")
    assert len(house.provider.asked) == 1
    house.later(30)
    assert house.run(first, "a").status is JobStatus.SUCCEEDED


def test_a_job_costs_no_more_than_its_run_allows(house: House) -> None:
    document = {"run": {"max_cost_usd": 0.244}}
    job = house.run(house.submit(document), "a", "b")  # 16000 tokens may cost $0.24
    assert job.error is not None
    assert (job.error.code, job.error.retryable) == ("llm_cost_limit", True)
    assert len(house.provider.asked) == 1


def test_without_a_provider_it_is_said(house: House) -> None:
    settings = {"default_llm_provider": "none", "implement_llm_model": "openai:gpt-5.4"}
    job = house.run(house.submit(), "a", **settings)
    assert job.error is not None
    assert (job.error.code, job.error.retryable) == ("llm_not_configured", True)


def test_an_unknown_price_is_said(house: House) -> None:
    job = house.run(house.submit(), "a", openai_model="mine")
    assert job.error is not None
    assert job.error.code == "llm_cost_limit"
    assert "LLM_PRICES_FILE" in job.error.message


def test_an_answer_is_written_down_as_soon_as_the_database_is_back(house: House) -> None:
    away = [2]

    def be_away(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO llm_answers") and away[0]:
            away[0] -= 1
            raise TransientError("database_unavailable", "away")

    event.listen(house.engine, "before_cursor_execute", be_away)
    assert house.run(house.submit(), "a").status is JobStatus.SUCCEEDED
    assert away == [0]
    assert house.statuses() == ["settled"]
    assert len(house.provider.asked) == 1


class NoPulse(Pulse):
    """No thread beside the work, which would take the time of this test for its own."""

    def begin(self, beat: Callable[[], None]) -> None:
        pass

    def end(self, beat: Callable[[], None]) -> None:
        pass


@pytest.mark.parametrize("reason", ["cancelled", "timed out"])
def test_an_answer_is_kept_also_by_who_has_to_stop(
    house: House, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For its retry; and whoever ran out of time had it for nothing otherwise."""
    job_id = house.submit()
    away = [2]

    def be_away(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO llm_answers") and away[0]:
            away[0] -= 1
            raise TransientError("database_unavailable", "away")

    heard = threading.Event()

    class Heard(JobClaims):
        def cancel_requested(self, claim: Claim) -> bool:
            requested = super().cancel_requested(claim)
            if requested:
                heard.set()
            return requested

    house.claims = Heard(house.engine, house.clock, retention=KEEP, lease_seconds=60)

    def stop() -> None:
        if reason == "timed out":
            late = real_clock.monotonic() + 3600
            monkeypatch.setattr("workers.heartbeat.monotonic", lambda: late)
        else:
            house.store.request_cancel(house.caller, job_id)
            assert heard.wait(60)
        event.listen(house.engine, "before_cursor_execute", be_away)

    house.provider.steps = [stop]
    worker = house.worker("a")
    if reason == "timed out":  # what it has to do is asked, without a thread that would say so
        worker = replace(worker, pulse=NoPulse())
    worker.run(job_id)
    assert away == [0]
    assert house.statuses() == ["settled"]
    if reason == "cancelled":
        again = house.store.submit(read_retry(house.store, house.caller, job_id)).job.id
        assert house.run(again, "a").status is JobStatus.SUCCEEDED
        assert len(house.provider.asked) == 1


def test_attempts_that_count_towards_nothing_are_not_kept_for_ever(house: House) -> None:
    job_id = house.submit()
    first = house.claims.claim(job_id, "w")
    assert first is not None
    house.claims.try_again(first, UNAVAILABLE, stage=None, max_attempts=3)
    for _ in range(60):
        house.later(1)
        claim = house.claims.claim(job_id, "w")
        assert claim is not None
        until = house.clock() + timedelta(seconds=1)
        house.claims.defer(claim, DeferredError(ErrorCode.LLM_BUSY, "busy", until=until))
    kept = house.job(job_id)
    assert kept.attempt_count == 61
    assert [each.number for each in kept.attempts] == [1, *range(42, 62)]
    assert kept.attempts[0].outcome == "transient"
