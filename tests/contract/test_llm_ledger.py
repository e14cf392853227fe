"""What callers and operators can rely on: no rolling hour exceeds a quota, and nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update

from common import clock as real_clock
from common.callers import CallerStore
from common.db.tables import callers, jobs, llm_calls
from common.errors import DeferredError, GenerationError, TransientError
from common.jobs.claim import Claim, LeaseLostError
from common.jobs.claims import JobClaims
from common.jobs.codes import ErrorCode
from common.jobs.job import JobStatus, LlmUsage, Stage
from common.jobs.lanes import Lane
from common.jobs.new_job import NewJob
from common.jobs.recovery import recover
from common.jobs.retention import Retention
from common.jobs.store import JobStore
from common.llm.answers import Finish, Kept
from common.llm.calls import Asker, Call, Request
from common.llm.counters import read_counts
from common.llm.holds import GIVEN_UP_AFTER
from common.llm.ledger import Ledger, forget_calls, note_unsettled
from common.llm.quota import Amounts, Quotas

KEEP = Retention(jobs=timedelta(days=7), artifacts=timedelta(days=3))
NONE = float("inf")
FREE = Amounts(NONE, NONE, NONE)
ANSWER = Kept(Finish.ANSWERED, "{}", "openai", "gpt-5.4")


class Book:
    """A database with jobs that run, and the ledger over them."""

    def __init__(self, engine: Engine, clock: Any) -> None:
        self.engine = engine
        self.clock = clock
        self.store = JobStore(engine, clock)
        self.claims = JobClaims(engine, clock, retention=KEEP, lease_seconds=60)
        self.told: list[str] = []

    def ledger(self, caller: Amounts = FREE, total: Amounts = FREE) -> Ledger:
        return Ledger(self.engine, self.clock, Quotas(caller, total), tell=self.told.append)

    def start(self, caller: str, **more: Any) -> Claim:
        job = self.store.submit(NewJob(caller, {}, **more)).job
        return self.again(job.id)

    def again(self, job_id: str) -> Claim:
        claim = self.claims.claim(job_id, "w")
        assert claim is not None
        return claim

    def asker(self, caller: str, **more: Any) -> Asker:
        return asker_of(self.start(caller), **more)

    def usage(self, asker: Asker) -> LlmUsage:
        return self.store.get(asker.caller_id, asker.job_id).usage

    def calls(self) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(select(llm_calls).order_by(llm_calls.c.id)))


def asker_of(claim: Claim, **more: Any) -> Asker:
    job = claim.job
    more.setdefault("sources", (job.id,))
    return Asker(job.caller_id, job.id, claim.fence, **more)


def request(sha256: str = "a", **more: Any) -> Request:
    known: dict[str, Any] = {"input_tokens": 100, "output_tokens": 900, "cost_usd": 0.5}
    return Request(Stage.DESIGN, "openai", "gpt-5.4", sha256, **(known | more))


def settle(ledger: Ledger, call: Call, kept: Kept = ANSWER, **more: Any) -> None:
    known: dict[str, Any] = {"input_tokens": 40, "output_tokens": 60, "cost_usd": 0.1, "seconds": 2}
    ledger.settle(call, kept, **(known | more))


@pytest.fixture
def book(engine: Engine, clock: Callable[[], datetime]) -> Book:
    return Book(engine, clock)


class TestQuota:
    @pytest.mark.parametrize(
        ("limit", "fitting"),
        [
            (Amounts(3, NONE, NONE), 3),
            (Amounts(NONE, 2000, NONE), 2),
            (Amounts(NONE, NONE, 1.4), 2),
            (Amounts(NONE, NONE, 1.5), 3),
        ],
    )
    def test_reserves_the_most_that_calls_can_come_to(
        self, book: Book, alice: str, limit: Amounts, fitting: int
    ) -> None:
        ledger, asker = book.ledger(caller=limit), book.asker(alice)
        for _ in range(fitting):
            ledger.reserve(asker, request())
        with pytest.raises(DeferredError) as caught:
            ledger.reserve(asker, request())
        assert caught.value.code is ErrorCode.LLM_QUOTA
        assert caught.value.until == book.clock() + timedelta(hours=1)
        assert len(book.calls()) == fitting

    def test_settling_gives_back_what_was_not_used(self, book: Book, alice: str) -> None:
        ledger, asker = book.ledger(caller=Amounts(NONE, 1100, NONE)), book.asker(alice)
        settle(ledger, ledger.reserve(asker, request()))
        ledger.reserve(asker, request())  # 100 were used, 1000 may be
        with pytest.raises(DeferredError, match="tokens of the caller"):
            ledger.reserve(asker, request())

    def test_a_refund_gives_back_everything(self, book: Book, alice: str) -> None:
        ledger, asker = book.ledger(caller=Amounts(1, 1000, 0.5)), book.asker(alice)
        for _ in range(3):
            call = ledger.reserve(asker, request())
            ledger.refund(call, ErrorCode.LLM_UNAVAILABLE, seconds=0.1)
        assert book.usage(asker) == LlmUsage()

    def test_a_call_counts_until_an_hour_after_it_was_settled(self, book: Book, alice: str) -> None:
        ledger, asker = book.ledger(caller=Amounts(1, NONE, NONE)), book.asker(alice)
        call = ledger.reserve(asker, request())
        book.clock.step(120)  # it may have reached the provider at any moment in between
        settle(ledger, call)
        book.clock.step(3599)
        with pytest.raises(DeferredError) as caught:
            ledger.reserve(asker, request())
        assert caught.value.until == book.clock() + timedelta(seconds=1)
        book.clock.step(1)
        ledger.reserve(asker, request())

    def test_of_one_caller_is_not_anothers(self, book: Book, alice: str, bob: str) -> None:
        ledger = book.ledger(caller=Amounts(1, NONE, NONE), total=Amounts(2, NONE, NONE))
        ledger.reserve(book.asker(alice), request())
        ledger.reserve(book.asker(bob), request())
        with pytest.raises(DeferredError, match="calls of the caller, calls of the installation"):
            ledger.reserve(book.asker(bob), request())

    def test_of_the_installation_holds_for_all_together(
        self, book: Book, alice: str, bob: str
    ) -> None:
        ledger = book.ledger(total=Amounts(1, NONE, NONE))
        ledger.reserve(book.asker(alice), request())
        with pytest.raises(DeferredError, match="calls of the installation"):
            ledger.reserve(book.asker(bob), request())

    def test_of_a_callers_own_goes_first(self, book: Book, alice: str, bob: str) -> None:
        with book.engine.begin() as connection:
            for caller, calls in ((alice, 2), (bob, NONE)):
                connection.execute(
                    update(callers).where(callers.c.id == caller).values(llm_calls_per_hour=calls)
                )
        ledger = book.ledger(caller=Amounts(0, NONE, NONE))
        of_alice, of_bob = book.asker(alice), book.asker(bob)
        for asker in (of_alice, of_alice, of_bob, of_bob, of_bob):
            ledger.reserve(asker, request())
        with pytest.raises(DeferredError):
            ledger.reserve(of_alice, request())

    @pytest.mark.parametrize(
        ("limit", "what"),
        [
            (Amounts(0, NONE, NONE), "more calls than the caller"),
            (Amounts(NONE, 999, NONE), "more tokens than"),
            (Amounts(NONE, NONE, 0.49), "more dollars than"),
        ],
    )
    def test_that_one_call_exceeds_is_an_error(
        self, book: Book, alice: str, limit: Amounts, what: str
    ) -> None:
        with pytest.raises(GenerationError, match=what) as caught:
            book.ledger(caller=limit).reserve(book.asker(alice), request())
        assert (caught.value.code, caught.value.retryable) == (ErrorCode.LLM_QUOTA, True)

    def test_jobs_that_wait_get_moments_one_after_the_other(
        self, book: Book, alice: str, bob: str
    ) -> None:
        ledger = book.ledger(total=Amounts(2, NONE, NONE))
        first = ledger.reserve(book.asker(alice), request())
        settle(ledger, first)
        book.clock.step(600)
        settle(ledger, ledger.reserve(book.asker(alice), request()))
        begin = first.reserved_at + timedelta(hours=1)
        second = begin + timedelta(seconds=600)
        # Bob's first comes after none of those of alice, his second after one of them
        expected = [
            (alice, begin),
            (alice, second),
            (bob, begin),
            (bob, begin + timedelta(hours=1)),
        ]
        for caller, moment in expected:
            claim = book.start(caller)
            book.clock.step(1)
            with pytest.raises(DeferredError) as caught:
                ledger.reserve(asker_of(claim), request())
            assert caught.value.until == moment
            book.claims.defer(claim, caught.value)


class TestCost:
    def test_of_a_job_is_what_its_run_allows(self, book: Book, alice: str) -> None:
        ledger, asker = book.ledger(), book.asker(alice, max_cost_usd=0.6)
        settle(ledger, ledger.reserve(asker, request()))
        ledger.reserve(asker, request())
        with pytest.raises(GenerationError, match=r"may cost \$0.5000; with \$0.6000") as caught:
            ledger.reserve(asker, request())
        assert (caught.value.code, caught.value.retryable) == (ErrorCode.LLM_COST_LIMIT, True)

    @pytest.mark.parametrize("limited", ["caller", "total", "job"])
    def test_that_nobody_knows_is_refused_where_it_matters(
        self, book: Book, alice: str, limited: str
    ) -> None:
        ledger = book.ledger(
            **{name: Amounts(NONE, NONE, 5) for name in ("caller", "total") if name == limited}
        )
        asker = book.asker(alice, max_cost_usd=1 if limited == "job" else None)
        with pytest.raises(GenerationError, match="LLM_PRICES_FILE") as caught:
            ledger.reserve(asker, request(cost_usd=None))
        assert caught.value.code is ErrorCode.LLM_COST_LIMIT

    def test_that_nobody_knows_does_not_matter_without_a_limit(
        self, book: Book, alice: str
    ) -> None:
        book.ledger().reserve(book.asker(alice), request(cost_usd=None))


class TestUsage:
    def test_of_a_job_is_the_sum_of_its_calls(self, book: Book, alice: str) -> None:
        ledger, asker = book.ledger(), book.asker(alice)
        before = book.store.get(alice, asker.job_id).revision
        settle(ledger, ledger.reserve(asker, request("a")))
        settle(ledger, ledger.reserve(asker, request("b")))
        assert book.usage(asker) == LlmUsage(2, 80, 120, 0.2)
        assert book.store.get(alice, asker.job_id).revision == before + 2
        assert book.told == [asker.job_id] * 2
        ledger.leave_unsettled(
            ledger.reserve(asker, request("c")), ErrorCode.LLM_UNAVAILABLE, seconds=9
        )
        assert book.usage(asker) == LlmUsage(3, 180, 1020, 0.7)

    def test_is_counted_for_metrics_and_outlives_the_calls(self, book: Book, alice: str) -> None:
        ledger, asker = book.ledger(), book.asker(alice)
        settle(ledger, ledger.reserve(asker, request("a")))
        settle(ledger, ledger.reserve(asker, request("b")), seconds=999)
        ledger.refund(ledger.reserve(asker, request("c")), ErrorCode.LLM_BUSY, seconds=0.1)
        book.clock.step(10)
        forget_calls(book.engine, book.clock())
        assert book.calls() == []
        counts = {(each.name, each.label): each.value for each in read_counts(book.engine) or []}
        assert counts == {
            ("requests", ""): 3,
            ("tokens", "input"): 80,
            ("tokens", "output"): 120,
            ("errors", "llm_busy"): 1,
            ("seconds", ""): 1001.1,
            ("bucket", "0.5"): 1,
            ("bucket", "2.5"): 1,
            ("bucket", "+Inf"): 1,
        }


class TestAnswers:
    def test_are_found_again(self, book: Book, alice: str) -> None:
        ledger, asker = book.ledger(), book.asker(alice)
        assert ledger.find(asker, "a") is None
        settle(ledger, ledger.reserve(asker, request("a")))
        assert ledger.find(asker, "a") == ANSWER
        assert ledger.find(asker, "b") is None
        assert ledger.find(book.asker(alice), "a") is None

    def test_serve_a_retry_and_the_retry_of_that(self, book: Book, alice: str) -> None:
        ledger, first = book.ledger(), book.asker(alice)
        settle(ledger, ledger.reserve(first, request("a")))
        second = book.start(alice)
        of_second = asker_of(second, sources=(second.job.id, first.job_id))
        assert ledger.find(of_second, "a") == ANSWER
        with book.engine.begin() as connection:
            connection.execute(delete(jobs).where(jobs.c.id == first.job_id))
        assert ledger.find(of_second, "a") == ANSWER
        assert book.usage(of_second) == LlmUsage()

    @pytest.mark.parametrize("finish", [Finish.REFUSED, Finish.TOO_LONG])
    def test_that_are_none_serve_their_own_job_alone(
        self, book: Book, alice: str, finish: Finish
    ) -> None:
        ledger, first = book.ledger(), book.asker(alice)
        kept = Kept(finish, "", "openai", "gpt-5.4")
        settle(ledger, ledger.reserve(first, request("a")), kept)
        assert ledger.find(first, "a") == kept
        again = book.start(alice)
        assert ledger.find(asker_of(again, sources=(again.job.id, first.job_id)), "a") is None

    def test_that_come_late_serve_the_next_attempt(self, book: Book, alice: str) -> None:
        ledger, claim = book.ledger(), book.start(alice)
        call = ledger.reserve(asker_of(claim), request("a"))
        book.claims.give_back(claim)
        assert note_unsettled(book.engine, book.clock()) == [claim.job.id]
        assert book.usage(call.asker) == LlmUsage(1, 100, 900, 0.5)
        next_one = asker_of(book.again(claim.job.id))
        settle(ledger, call)
        assert ledger.find(next_one, "a") == ANSWER
        assert book.usage(next_one) == LlmUsage(1, 40, 60, 0.1)

    def test_of_jobs_that_are_gone_are_charged_all_the_same(self, book: Book, alice: str) -> None:
        ledger, asker = book.ledger(), book.asker(alice)
        call = ledger.reserve(asker, request("a"))
        with book.engine.begin() as connection:
            connection.execute(delete(jobs).where(jobs.c.id == asker.job_id))
        settle(ledger, call)
        [row] = book.calls()
        assert (row.status, row.cost_usd) == ("settled", 0.1)


class TestUnsettled:
    def test_is_what_an_attempt_left_that_no_longer_runs(self, book: Book, alice: str) -> None:
        ledger, claim = book.ledger(caller=Amounts(1, NONE, NONE)), book.start(alice)
        asker = asker_of(claim)
        ledger.reserve(asker, request())
        assert note_unsettled(book.engine, book.clock()) == []
        book.claims.give_back(claim)
        book.clock.step(60)
        assert note_unsettled(book.engine, book.clock()) == [asker.job_id]
        assert note_unsettled(book.engine, book.clock()) == []
        [row] = book.calls()
        assert (row.status, row.settled_at) == ("unsettled", book.clock())
        with pytest.raises(DeferredError):  # it goes on counting
            ledger.reserve(asker_of(book.again(asker.job_id)), request())

    def test_can_turn_out_to_be_nothing(self, book: Book, alice: str) -> None:
        ledger, claim = book.ledger(), book.start(alice)
        call = ledger.reserve(asker_of(claim), request())
        book.claims.give_back(claim)
        note_unsettled(book.engine, book.clock())
        ledger.refund(call, ErrorCode.LLM_UNAVAILABLE, seconds=1)
        assert book.usage(call.asker) == LlmUsage()


class TestHolds:
    def test_keep_everybody_from_the_provider(self, book: Book, alice: str, bob: str) -> None:
        ledger, asker = book.ledger(), book.asker(alice)
        until = book.clock() + timedelta(seconds=30)
        first, second = ledger.reserve(asker, request()), ledger.reserve(asker, request())
        ledger.hold(first, 30, "busy")
        told = ledger.hold(second, 10, "busy")  # an earlier word holds
        assert isinstance(told, DeferredError)
        assert told.until == until
        for caller in (alice, bob):
            with pytest.raises(DeferredError) as caught:
                ledger.reserve(book.asker(caller), request())
            assert (caught.value.code, caught.value.until) == (ErrorCode.LLM_BUSY, until)
        book.clock.step(30)
        ledger.reserve(book.asker(alice), request())

    def busy(self, book: Book, ledger: Ledger, asker: Asker, seconds: float = 0) -> Any:
        """Ask as soon as one may; what the job is told, and how long it is to wait."""
        call = ledger.reserve(asker, request())
        ledger.refund(call, ErrorCode.LLM_BUSY, seconds=0.1)
        told = ledger.hold(call, seconds, "busy")
        if not isinstance(told, DeferredError):
            return told
        waited = (told.until - book.clock()).total_seconds()
        book.clock.step(waited)
        return waited

    def test_grow_each_time_in_a_row(self, book: Book, alice: str) -> None:
        ledger, asker = book.ledger(), book.asker(alice)
        assert [self.busy(book, ledger, asker) for _ in range(5)] == [1, 2, 4, 8, 16]
        assert self.busy(book, ledger, asker, 300) == 600
        assert self.busy(book, ledger, asker, 1000) == 1000
        settle(ledger, ledger.reserve(asker, request()))
        assert self.busy(book, ledger, asker) == 1

    def test_have_an_end(self, book: Book, alice: str) -> None:
        ledger, asker = book.ledger(), book.asker(alice)
        began = book.clock()
        told, count = 0, 0
        while not isinstance(told, GenerationError):
            assert book.clock() - began < GIVEN_UP_AFTER + timedelta(minutes=11)
            told = self.busy(book, ledger, asker)
            count += 1
        assert book.clock() - began >= GIVEN_UP_AFTER
        assert count < 60
        assert (told.code, told.retryable) == (ErrorCode.LLM_UNAVAILABLE, True)
        assert str(told).startswith("openai has been busy for 6.")
        with pytest.raises(DeferredError):  # a job of today has time
            ledger.reserve(book.asker(alice), request())

    def test_have_an_end_for_a_job_that_never_asks(self, book: Book, alice: str, bob: str) -> None:
        ledger, asker, idle = book.ledger(), book.asker(alice), book.asker(bob)
        while not isinstance(self.busy(book, ledger, asker), GenerationError):
            pass
        with pytest.raises(GenerationError, match=r"busy for 6\.") as caught:
            ledger.reserve(idle, request())
        assert caught.value.code is ErrorCode.LLM_UNAVAILABLE

    def test_have_an_end_for_a_job_that_alone_is_refused(
        self, book: Book, alice: str, bob: str
    ) -> None:
        ledger, large, small = book.ledger(), book.asker(alice), book.asker(bob)
        began = book.clock()
        while not isinstance(self.busy(book, ledger, large, 60), GenerationError):
            settle(ledger, ledger.reserve(small, request()))
            assert book.clock() - began < GIVEN_UP_AFTER + timedelta(minutes=2)


class TestTurns:
    def wait(self, book: Book, ledger: Ledger, claim: Claim, **more: Any) -> datetime:
        with pytest.raises(DeferredError) as caught:
            ledger.reserve(asker_of(claim), request(**more))
        book.claims.defer(claim, caught.value)
        return caught.value.until

    def go_on(self, book: Book, claim: Claim) -> Claim:
        recover(book.engine, book.clock(), max_attempts=3)
        return book.again(claim.job.id)

    def go(self, book: Book, moment: datetime, seconds: float) -> None:
        book.clock.step((moment - book.clock()).total_seconds() + seconds)

    def test_a_newcomer_takes_no_room_from_who_is_due(
        self, book: Book, alice: str, bob: str
    ) -> None:
        ledger = book.ledger(total=Amounts(1, NONE, NONE))
        settle(ledger, ledger.reserve(book.asker(bob), request()))
        claim = book.start(alice)
        self.go(book, self.wait(book, ledger, claim), 0.5)  # due, and nobody has woken it yet
        newcomer = book.start(bob)
        self.wait(book, ledger, newcomer)
        settle(ledger, ledger.reserve(asker_of(self.go_on(book, claim)), request()))

    def test_nobody_is_passed_for_ever_by_those_who_ask_for_less(
        self, book: Book, alice: str, bob: str
    ) -> None:
        ledger = book.ledger(total=Amounts(NONE, 1000, NONE))
        small = {"input_tokens": 50, "output_tokens": 150}
        used = {"input_tokens": 50, "output_tokens": 150}
        for _ in range(5):  # one every twelve minutes
            settle(ledger, ledger.reserve(book.asker(bob), request(**small)), **used)
            book.clock.step(720)
        settle(ledger, ledger.reserve(book.asker(bob), request(**small)), **used)
        large = {"input_tokens": 0, "output_tokens": 900}
        claim = book.start(alice)
        until = self.wait(book, ledger, claim, **large)
        began = book.clock()
        for _ in range(40):
            book.clock.step(240)
            newcomer = book.start(bob)
            try:
                settle(ledger, ledger.reserve(asker_of(newcomer), request(**small)), **used)
            except DeferredError as error:
                book.claims.defer(newcomer, error)
            if book.clock() < until:
                continue
            claim = self.go_on(book, claim)
            try:
                ledger.reserve(asker_of(claim), request(**large))
                break
            except DeferredError as error:
                until = error.until
                book.claims.defer(claim, error)
        else:
            pytest.fail("it waits for ever")
        assert book.clock() - began < timedelta(hours=2, minutes=10)

    def test_callers_go_in_turn(self, book: Book, alice: str, bob: str) -> None:
        """However many of one's jobs wait, and since when: another's is next."""
        ledger = book.ledger(total=Amounts(1, NONE, NONE))
        settle(ledger, ledger.reserve(book.asker(bob), request()))
        claims = [book.start(caller) for caller in (bob, bob, bob, alice, alice)]
        until = max(self.wait(book, ledger, claim) for claim in claims)
        self.go(book, until, 1)
        served = []
        while claims:
            recover(book.engine, book.clock(), max_attempts=3)
            for claim in [*claims]:
                if book.store.get(claim.job.caller_id, claim.job.id).status is not JobStatus.QUEUED:
                    continue
                again = book.again(claim.job.id)
                try:
                    settle(ledger, ledger.reserve(asker_of(again), request()))
                except DeferredError as error:
                    book.claims.defer(again, error)
                else:
                    served.append(claim.job.caller_id)
                    claims.remove(claim)
            book.clock.step(1800)
        assert served == [alice, bob, alice, bob, bob]

    @pytest.mark.parametrize("end", ["cancelled", "held", "deleted"])
    def test_who_is_gone_keeps_nobody_waiting(
        self, book: Book, alice: str, bob: str, end: str
    ) -> None:
        ledger = book.ledger(total=Amounts(1, NONE, NONE))
        settle(ledger, ledger.reserve(book.asker(bob), request()))
        claim = book.start(alice)
        self.go(book, self.wait(book, ledger, claim), 0.5)
        with book.engine.begin() as connection:
            this = jobs.c.id == claim.job.id
            if end == "deleted":
                connection.execute(delete(jobs).where(this))
            elif end == "held":
                connection.execute(update(jobs).where(this).values(lane=Lane.HELD.value))
        if end == "cancelled":
            book.store.request_cancel(alice, claim.job.id)
        settle(ledger, ledger.reserve(book.asker(bob), request()))

    def test_room_for_both_is_for_both(self, book: Book, alice: str, bob: str) -> None:
        ledger = book.ledger(total=Amounts(2, NONE, NONE))
        for _ in range(2):
            settle(ledger, ledger.reserve(book.asker(bob), request()))
        claim = book.start(alice)
        self.go(book, self.wait(book, ledger, claim), 0.5)
        ledger.reserve(book.asker(bob), request())
        ledger.reserve(asker_of(self.go_on(book, claim)), request())

    def test_who_waits_for_the_provider_keeps_no_room(
        self, book: Book, alice: str, bob: str
    ) -> None:
        ledger = book.ledger(total=Amounts(2, NONE, NONE))
        busy = ledger.reserve(book.asker(bob), request())
        settle(ledger, ledger.reserve(book.asker(bob), request()))
        claim = book.start(alice)
        until = self.wait(book, ledger, claim)
        ledger.refund(busy, ErrorCode.LLM_BUSY, seconds=1)
        self.go(book, until, 0)
        ledger.hold(busy, 3600, "busy")
        self.wait(book, ledger, self.go_on(book, claim))
        other = replace(request(), provider="anthropic")
        for _ in range(2):
            ledger.reserve(book.asker(bob), other)


class TestRaces:
    def test_two_settlements_of_one_question(
        self, engine: Engine, new_engine: Callable[[], Engine], clock: Any, alice: str, race: Any
    ) -> None:
        """A call that was thought lost comes back just as the next one does."""
        book = Book(engine, clock)
        for _ in range(20):
            asker = book.asker(alice)
            ledgers = [Book(new_engine(), clock).ledger() for _ in range(2)]
            calls = [each.reserve(asker, request()) for each in ledgers]
            outcomes = race(
                *(
                    partial(settle, ledger, call)
                    for ledger, call in zip(ledgers, calls, strict=True)
                )
            )
            assert outcomes == [None, None]
            assert book.usage(asker).llm_calls == 2

    def test_a_lost_call_that_comes_back_is_counted_once(self, book: Book, alice: str) -> None:
        ledger, claim = book.ledger(), book.start(alice)
        call = ledger.reserve(asker_of(claim), request())
        book.claims.give_back(claim)
        note_unsettled(book.engine, book.clock())
        for _ in range(2):  # also where nobody heard that it was written
            settle(ledger, call)
        counts = {(each.name, each.label): each.value for each in read_counts(book.engine) or []}
        assert counts == {
            ("requests", ""): 1,
            ("errors", "worker_lost"): 1,
            ("tokens", "input"): 40,
            ("tokens", "output"): 60,
            ("seconds", ""): 2,
            ("bucket", "2.5"): 1,
        }


def test_nothing_is_reserved_for_a_job_that_is_anothers(book: Book, alice: str) -> None:
    ledger, claim = book.ledger(), book.start(alice)
    book.claims.give_back(claim)
    with pytest.raises(LeaseLostError):
        ledger.reserve(asker_of(claim), request())
    book.again(claim.job.id)
    with pytest.raises(LeaseLostError):
        ledger.reserve(asker_of(claim), request())
    assert book.calls() == []


class TestDeferral:
    def test_is_nobodys_fault(self, book: Book, alice: str) -> None:
        claim = book.start(alice)
        until = book.clock() + timedelta(minutes=5)
        book.claims.defer(claim, DeferredError(ErrorCode.LLM_QUOTA, "Used up.", until=until))
        job = book.store.get(alice, claim.job.id)
        assert (job.status, job.deferred_reason) == (JobStatus.DEFERRED, "llm_quota")
        assert job.deferred_until == until
        assert (job.attempts[0].outcome, job.attempts[0].message) == ("deferred", "Used up.")
        with book.engine.connect() as connection:
            assert connection.execute(select(jobs.c.fault_count)).scalar() == 0
        with pytest.raises(LeaseLostError):
            book.claims.give_back(claim)


_RESERVING_PROCESS = """
import json, random, sys, threading, time
from datetime import UTC, datetime, timedelta
from common.db.engine import make_engine
from common.errors import DeferredError
from common.jobs.codes import ErrorCode
from common.jobs.job import Stage
from common.llm.answers import Finish, Kept
from common.llm.calls import Asker, Request
from common.llm.ledger import Ledger
from common.llm.quota import Amounts, Quotas

url, began, seed, *askers = sys.argv[1:]
NONE = float("inf")
BASE = datetime(2026, 1, 1, tzinfo=UTC)

def clock():  # an hour takes two seconds
    return BASE + timedelta(seconds=(time.time() - float(began)) * 1800)

quotas = Quotas(Amounts(12, NONE, NONE), Amounts(20, 20_000, NONE))
ledger = Ledger(make_engine(url), clock, quotas)
outcomes = {"made": 0, "deferred": 0}

def reserve(number, caller_id, job_id, chance):
    asker = Asker(caller_id, job_id, 1, (job_id,))
    began_at = time.monotonic()

    def goes_on():  # for more than two hours' worth, also where the machine is slow
        passed = time.monotonic() - began_at
        enough = outcomes["made"] > 25 and outcomes["deferred"]
        return passed < 7 or (passed < 100 and not enough)

    while goes_on():
        request = Request(Stage.DESIGN, "openai", "m", str(chance.random()), 300, 700, 0.1)
        try:
            call = ledger.reserve(asker, request)
        except DeferredError as error:
            outcomes["deferred"] += 1
            wait = (error.until - clock()).total_seconds() / 1800
            time.sleep(min(max(wait, 0), 0.05 * chance.random()))
            continue
        time.sleep(chance.random() * 0.02)
        if chance.random() < 0.1:
            ledger.refund(call, ErrorCode.LLM_UNAVAILABLE, seconds=1)
        else:
            used = {"input_tokens": 300, "output_tokens": chance.randrange(701)}
            kept = Kept(Finish.ANSWERED, "", "openai", "m")
            ledger.settle(call, kept, **used, cost_usd=0.1, seconds=1)
            outcomes["made"] += 1

print("ready", flush=True)
sys.stdin.readline()
threads = [
    threading.Thread(
        target=reserve, args=(number, *asker.split("/"), random.Random(f"{seed}{number}"))
    )
    for number, asker in enumerate(askers)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps(outcomes))
"""


def test_no_rolling_hour_exceeds_a_quota_whoever_reserves(
    engine: Engine, database_url: str
) -> None:
    """Two processes with four threads each, two callers, an hour of two seconds."""
    book = Book(engine, real_clock.now)
    names = [CallerStore(engine, real_clock.now).ensure(name).id for name in ("alice", "bob")]
    askers = [book.asker(names[number % 2]) for number in range(8)]
    told = [f"{asker.caller_id}/{asker.job_id}" for asker in askers]
    began = str(real_clock.now().timestamp())
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _RESERVING_PROCESS, database_url, began, str(seed), *mine],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for seed, mine in ((1, told[:4]), (2, told[4:]))
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    outcomes = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        output, _ = process.communicate(timeout=240)
        assert process.returncode == 0
        outcomes.append(json.loads(output))
    assert all(each["made"] and each["deferred"] for each in outcomes), outcomes
    rows = [row for row in book.calls() if row.status == "settled"]
    assert len(rows) > 40  # more than two hours' worth: the window did roll
    hour = timedelta(hours=1)
    for moment in ("reserved_at", "settled_at"):
        for caller, most in ((None, 20), *((name, 12) for name in names)):
            mine = [row for row in rows if caller in (None, row.caller_id)]
            for row in mine:
                end = getattr(row, moment)
                window = [each for each in mine if end - hour < getattr(each, moment) <= end]
                assert len(window) <= most
                assert sum(each.input_tokens + each.output_tokens for each in window) <= 20_000


def test_a_database_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    from common.db.engine import make_engine  # noqa: PLC0415 - a database of its own

    broken = make_engine(f"sqlite:///{tmp_path}")
    with pytest.raises(TransientError):
        note_unsettled(broken, real_clock.now())
