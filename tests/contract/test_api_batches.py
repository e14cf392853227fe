"""A batch once it was accepted: read, listed, waited for, cancelled, paused, resumed, retried."""

from __future__ import annotations

import asyncio
import json

import pytest
from sqlalchemy import select, update

from api.batch_wire import BatchPageShape, BatchShape, CancelledBatchShape
from common.batches.following import follow_all
from common.db.tables import batches, jobs
from common.errors import TransientError
from common.jobs.admission import Admission
from common.jobs.claims import JobClaims
from common.jobs.job import JobError, JobStatus, Stage
from common.jobs.lanes import Lane
from common.jobs.recovery import recover
from common.jobs.retention import Retention
from tests.contract.waiting import note_ends, waited_for

BATCHES = "/api/v1/batches"
JOBS = "/api/v1/jobs"


@pytest.fixture
def submitted(stored_api, notes):
    """Hands in so many different documents; the batch's id and its jobs' ids in their order."""

    async def submit(count: int = 3, query: str = "", **more):
        lines = [notes | {"project_name": f"p{number}"} for number in range(count)]
        answer = await stored_api.submit_batch(lines, query, **more)
        assert answer.status_code == 202, answer.text
        batch_id = answer.json()["id"]
        with stored_api.engine.connect() as connection:
            ids = select(jobs.c.id).where(jobs.c.batch_id == batch_id).order_by(jobs.c.id)
            return batch_id, list(connection.execute(ids).scalars())

    return submit


@pytest.fixture
def read(stored_api):
    async def get(batch_id: str) -> dict:
        answer = await stored_api.get(f"{BATCHES}/{batch_id}")
        assert answer.status_code == 200
        BatchShape.model_validate(answer.json())
        return answer.json()

    return get


@pytest.fixture
def post(stored_api):
    async def send(batch_id: str, verb: str, query: str = ""):
        return await stored_api.post(f"{BATCHES}/{batch_id}/{verb}{query}")

    return send


def counted(batch: dict) -> dict[str, int]:
    """The counts that are not 0."""
    counts = batch["counts"]
    assert counts["total"] == sum(counts.values()) - counts["total"]
    return {name: count for name, count in counts.items() if count and name != "total"}


def claims_of(api) -> JobClaims:
    keep = Retention.from_settings(api.settings)
    return JobClaims(api.engine, api.clock, retention=keep, lease_seconds=15)


async def test_counts_follow_its_jobs(stored_api, submitted, read) -> None:
    api = stored_api
    batch_id, ids = await submitted(6)
    api.finish(ids[0], {"a": "b"})
    api.finish(ids[1], {"a": "b"}, failed=True)
    claims, claim = api.claim(ids[2])
    _, later = api.claim(ids[3])
    claims.try_again(later, TransientError("sandbox_lost", "x"), stage=None, max_attempts=3)
    await api.post(f"{JOBS}/{ids[4]}/cancel")
    batch = await read(batch_id)
    assert counted(batch) == dict.fromkeys(
        ("succeeded", "failed", "running", "deferred", "cancelled", "queued"), 1
    )
    assert (batch["status"], batch["finished_at"]) == ("running", None)
    assert batch["links"]["retry_failed"]
    claims.cancel(claim)
    await api.client.request("DELETE", f"{JOBS}/{ids[5]}", headers=api.good)
    await api.post(f"{JOBS}/{ids[3]}/cancel")
    batch = await read(batch_id)
    assert counted(batch) == {"succeeded": 1, "failed": 1, "cancelled": 4}
    assert batch["status"] == "finished"
    assert batch["finished_at"] == "2026-01-02T03:04:05.678901Z"
    assert batch["eta_seconds"] is None
    assert batch["links"]["artifact"] == f"{BATCHES}/{batch_id}/artifact"


async def test_a_lost_job_is_counted(stored_api, submitted, read) -> None:
    batch_id, ids = await submitted(1)
    for _ in range(2):
        stored_api.claim(ids[0])
        stored_api.clock.step(16)
        recover(stored_api.engine, stored_api.clock(), max_attempts=2)
    assert counted(await read(batch_id)) == {"failed": 1}
    assert (await read(batch_id))["status"] == "finished"


async def test_what_did_not_start_in_time_is_counted_from_the_acceptance_on(
    stored_api, notes, read
) -> None:
    line = notes | {"run": {"start_within_seconds": 10}}
    batch_id = (await stored_api.submit_batch([line])).json()["id"]
    stored_api.clock.step(9)
    recover(stored_api.engine, stored_api.clock(), max_attempts=2)
    assert counted(await read(batch_id)) == {"queued": 1}
    stored_api.clock.step(1)
    recover(stored_api.engine, stored_api.clock(), max_attempts=2)
    assert counted(await read(batch_id)) == {"failed": 1}


async def test_eta_is_told_from_the_pace(stored_api, submitted, read) -> None:
    batch_id, ids = await submitted(5)
    assert (await read(batch_id))["eta_seconds"] is None
    stored_api.clock.step(10)
    stored_api.finish(ids[0], {"a": "b"})
    assert (await read(batch_id))["eta_seconds"] in (40, 41)


async def test_others_and_unknown_ones_are_the_same_404(stored_api, submitted) -> None:
    batch_id, _ = await submitted(1)
    other = stored_api.key("batches", caller="another")
    bodies = set()
    for wrong in (batch_id, batch_id[:-1] + "z", "job_x", "x" * 200, "a%2Fb", "%00"):
        for method, verb in [("GET", ""), ("GET", "/results"), ("GET", "/artifact")] + [
            ("POST", f"/{verb}") for verb in ("cancel", "pause", "resume", "retry-failed")
        ]:
            answer = await stored_api.client.request(
                method, f"{BATCHES}/{wrong}{verb}", headers=other
            )
            assert answer.status_code == 404, (wrong, verb)
            body = answer.json()
            bodies.add((body["type"], body["detail"]))
    assert bodies == {("/problems/batch_not_found", "There is no such batch.")}
    assert (await stored_api.get(BATCHES, headers=other)).json()["items"] == []


async def test_list_is_newest_first_and_pages(stored_api, submitted) -> None:
    ids = []
    for _ in range(5):
        ids.insert(0, (await submitted(1))[0])
        stored_api.clock.step(1)
    found, cursor = [], ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = (await stored_api.get(f"{BATCHES}?limit=2{more}")).json()
        BatchPageShape.model_validate(page)
        found += [batch["id"] for batch in page["items"]]
        cursor = page["next_cursor"]
    assert found == ids
    for wrong in ("x", "am9iXzEyMw", "%00"):
        assert (await stored_api.get(f"{BATCHES}?cursor={wrong}")).status_code == 400
    assert (await stored_api.get(f"{BATCHES}?limit=0")).status_code == 422


class TestWaiting:
    async def test_what_is_known_is_304(self, stored_api, submitted) -> None:
        batch_id, ids = await submitted(2)
        path = f"{BATCHES}/{batch_id}"
        tag = (await stored_api.get(path)).headers["ETag"]
        known = stored_api.good | {"If-None-Match": tag}
        assert (await stored_api.get(path, headers=known)).status_code == 304
        stored_api.claim(ids[0])
        assert (await stored_api.get(path, headers=known)).status_code == 200

    async def test_ends_when_a_job_does(self, stored_api, submitted) -> None:
        batch_id, ids = await submitted(2)
        path = f"{BATCHES}/{batch_id}"
        tag = (await stored_api.get(path)).headers["ETag"]
        known = stored_api.good | {"If-None-Match": tag}
        watch = stored_api.services.batch_watch
        ends = note_ends(watch)
        waiting = asyncio.create_task(stored_api.get(f"{path}?wait=60", headers=known))
        await waited_for(watch, batch_id)
        await asyncio.sleep(0.3)
        assert not waiting.done()
        stored_api.finish(ids[0], {"a": "b"})
        answer = await waiting
        assert ends == [True]  # and not since the time was up
        assert answer.json()["counts"]["succeeded"] == 1
        assert (await stored_api.get(f"{path}?wait=61")).status_code == 422

    async def test_ends_with_304_when_nothing_happens(self, stored_api, submitted) -> None:
        batch_id, _ = await submitted(1)
        path = f"{BATCHES}/{batch_id}"
        tag = (await stored_api.get(path)).headers["ETag"]
        known = stored_api.good | {"If-None-Match": tag}
        assert (await stored_api.get(f"{path}?wait=1", headers=known)).status_code == 304


class TestCancel:
    async def test_of_five_hundred_with_no_worker_runs_none(
        self, stored_api, submitted, read, post
    ) -> None:
        batch_id, ids = await submitted(501)
        answer = await post(batch_id, "cancel")
        assert answer.status_code == 202
        CancelledBatchShape.model_validate(answer.json())
        assert answer.json()["cancel"] == "requested"
        batch = await read(batch_id)
        assert (batch["status"], counted(batch)) == ("cancelled", {"cancelled": 501})
        claims = claims_of(stored_api)
        assert all(claims.claim(job_id, "w") is None for job_id in ids)
        sent: list[str] = []
        admission = Admission(
            stored_api.engine,
            stored_api.clock,
            lambda job_id, _lane: sent.append(job_id),
            slots=2,
            max_attempts=3,
            max_running_per_caller=10,
        )
        assert admission.admit() == 0

    async def test_tells_those_that_run(self, stored_api, submitted, read, post) -> None:
        batch_id, ids = await submitted(3)
        claims, claim = stored_api.claim(ids[0])
        answer = await post(batch_id, "cancel")
        assert answer.json()["status"] == "cancelling"
        assert claims.cancel_requested(claim)
        assert (await post(batch_id, "cancel")).status_code == 202
        for verb in ("pause", "resume"):
            refused = await post(batch_id, verb)
            assert (refused.status_code, refused.json()["code"]) == (409, "batch_over")
        claims.cancel(claim)
        batch = await read(batch_id)
        assert (batch["status"], counted(batch)) == ("cancelled", {"cancelled": 3})

    async def test_of_a_finished_one_says_so(self, stored_api, submitted, post) -> None:
        batch_id, ids = await submitted(1)
        stored_api.finish(ids[0], {"a": "b"})
        answer = await post(batch_id, "cancel")
        assert answer.status_code == 200
        assert answer.json()["cancel"] == "already_finished"
        assert answer.json()["status"] == "finished"
        for verb in ("pause", "resume"):
            assert (await post(batch_id, verb)).status_code == 409

    async def test_of_a_paused_one(self, submitted, read, post) -> None:
        batch_id, _ = await submitted(3)
        await post(batch_id, "pause")
        assert (await post(batch_id, "cancel")).json()["status"] == "cancelled"
        assert counted(await read(batch_id)) == {"cancelled": 3}


class TestPause:
    async def test_begins_nothing_and_lets_run_what_runs(
        self, stored_api, submitted, read, post
    ) -> None:
        batch_id, ids = await submitted(3)
        claims, claim = stored_api.claim(ids[0])
        answer = await post(batch_id, "pause")
        assert answer.status_code == 200
        batch = answer.json()
        assert (batch["status"], batch["held_reason"]) == ("paused", "batch_paused")
        assert batch["paused_at"] == "2026-01-02T03:04:05.678901Z"
        assert counted(batch) == {"running": 1, "queued": 2}
        job = (await stored_api.get(f"{JOBS}/{ids[1]}")).json()
        assert (job["status"], job["deferred_reason"]) == ("queued", "batch_paused")
        assert job["queue_position"] is None
        assert claims.claim(ids[1], "w") is None
        claims.give_back(claim)  # its worker is told to stop: nor does it begin again
        assert claims.claim(ids[0], "w") is None
        assert (await post(batch_id, "pause")).json()["paused_at"] == batch["paused_at"]
        answer = await post(batch_id, "resume")
        assert (answer.status_code, answer.json()["status"]) == (200, "running")
        assert answer.json()["paused_at"] is None
        job = (await stored_api.get(f"{JOBS}/{ids[1]}")).json()
        assert job["deferred_reason"] is None
        for job_id in ids:
            stored_api.finish(job_id, {"a": "b"})
        assert (await read(batch_id))["status"] == "finished"

    async def test_is_brought_to_an_end_by_beat(self, stored_api, submitted, read) -> None:
        """Whatever the process that began it does."""
        batch_id, ids = await submitted(3)
        wish = update(batches).where(batches.c.id == batch_id)
        with stored_api.engine.begin() as connection:
            connection.execute(wish.values(paused_at=stored_api.clock()))
        follow_all(stored_api.engine, stored_api.clock)
        assert claims_of(stored_api).claim(ids[0], "w") is None
        with stored_api.engine.begin() as connection:
            connection.execute(wish.values(cancel_requested_at=stored_api.clock()))
        follow_all(stored_api.engine, stored_api.clock)
        assert counted(await read(batch_id)) == {"cancelled": 3}

    async def test_and_resume_at_the_same_time_end_as_one_of_them(
        self, stored_api, submitted, post
    ) -> None:
        batch_id, ids = await submitted(40)
        for _ in range(3):
            await asyncio.gather(*(post(batch_id, verb) for verb in ("pause", "resume") * 4))
            with stored_api.engine.connect() as connection:
                lanes = select(jobs.c.lane).where(jobs.c.id.in_(ids)).distinct()
                [lane] = connection.execute(lanes).scalars()
            batch = (await stored_api.get(f"{BATCHES}/{batch_id}")).json()
            assert lane == (Lane.HELD if batch["status"] == "paused" else Lane.BATCH)


class TestRetryFailed:
    async def test_runs_the_failed_lines_as_a_batch_of_their_own(
        self, stored_api, notes, post
    ) -> None:
        api = stored_api
        lines = [notes | {"project_name": f"p{n}"} for n in (0, 1, 2)]
        lines += [notes | {"project_name": "p1", "run": {"start_within_seconds": 60}}]
        lines += [notes | {"project_name": "p1"}]
        batch = (await api.submit_batch([{"body": 1}, *lines])).json()
        assert (await post(batch["id"], "retry-failed")).status_code == 409
        listed = (await api.get(f"{JOBS}?batch_id={batch['id']}")).json()["items"]
        for job in reversed(listed):
            api.finish(job["id"], {"a": "b"}, failed=job["project_name"] == "p1")
        answer = await post(batch["id"], "retry-failed")
        assert answer.status_code == 202
        again = answer.json()
        assert again["retry_of"] == batch["id"]
        assert answer.headers["Location"] == f"{BATCHES}/{again['id']}"
        assert (again["line_count"], again["job_count"]) == (3, 2)
        retried = (await api.get(f"{JOBS}?batch_id={again['id']}")).json()["items"]
        failed = {job["id"] for job in listed if job["project_name"] == "p1"}
        assert {job["retry_of"] for job in retried} == failed
        for job in retried:
            claims, claim = api.claim(job["id"])
            assert claim.document["project_name"] == "p1"
            assert claim.job.project_name == "p1"
            claims.cancel(claim)
        results = await api.get(f"{BATCHES}/{again['id']}/results")
        named = [json.loads(line) for line in results.text.splitlines()]
        assert {(each["line"], each["custom_id"]) for each in named} == {
            (3, "line-3"),
            (5, "line-5"),
            (6, "line-6"),
        }

    async def test_keeps_what_their_runs_ask_for(self, stored_api, notes, post) -> None:
        run = {"start_within_seconds": 60, "timeout_seconds": 7}
        batch = (await stored_api.submit_batch([notes | {"run": run}])).json()
        [job] = (await stored_api.get(f"{JOBS}?batch_id={batch['id']}")).json()["items"]
        stored_api.finish(job["id"], {"a": "b"}, failed=True)
        again = (await post(batch["id"], "retry-failed")).json()
        [job] = (await stored_api.get(f"{JOBS}?batch_id={again['id']}")).json()["items"]
        with stored_api.engine.connect() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job["id"])).one()
        assert (row.start_by - stored_api.clock()).total_seconds() == pytest.approx(60, abs=0.01)
        assert (row.timeout_seconds, row.table_count, row.verify_level) == (7, 1, "full")

    async def test_tells_of_lines_whose_jobs_were_deleted(
        self, stored_api, submitted, post
    ) -> None:
        batch_id, ids = await submitted(2)
        for job_id in ids:
            stored_api.finish(job_id, {"a": "b"}, failed=True)
        await stored_api.client.request("DELETE", f"{JOBS}/{ids[0]}", headers=stored_api.good)
        again = (await post(batch_id, "retry-failed")).json()
        assert (again["counts"]["total"], again["refused_count"]) == (1, 1)
        assert [(e["line"], e["code"]) for e in again["errors"]] == [(1, "job_deleted")]
        await stored_api.client.request("DELETE", f"{JOBS}/{ids[1]}", headers=stored_api.good)
        assert (await post(batch_id, "retry-failed")).status_code == 410

    async def test_one_wish_makes_one(self, stored_api, submitted) -> None:
        batch_id, ids = await submitted(1)
        stored_api.finish(ids[0], {"a": "b"}, failed=True)
        headers = stored_api.good | {"Idempotency-Key": "again"}
        path = f"{BATCHES}/{batch_id}/retry-failed"
        answers = [await stored_api.post(path, headers=headers) for _ in range(2)]
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["id"] for answer in answers}) == 1


class TestMaxCost:
    @staticmethod
    def spend(api, job_id: str, usd: float) -> None:
        """Be a worker whose job cost that much."""
        claims, claim = api.claim(job_id)
        usage = {"llm_calls": 2, "input_tokens": 30, "output_tokens": 4, "cost_usd": usd}
        with api.engine.begin() as connection:
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(usage=usage))
        claims.fail(claim, JobError("x", "x", Stage.VERIFY, retryable=False))

    async def test_holds_what_waits_once_it_is_reached(
        self, stored_api, submitted, read, post
    ) -> None:
        batch_id, ids = await submitted(4, "?max_cost_usd=1.5")
        self.spend(stored_api, ids[0], 1.0)
        batch = await read(batch_id)
        assert (batch["status"], batch["max_cost_usd"]) == ("running", 1.5)
        assert batch["usage"] == {
            "llm_calls": 2,
            "input_tokens": 30,
            "output_tokens": 4,
            "cost_usd": 1.0,
        }
        self.spend(stored_api, ids[1], 0.5)
        batch = await read(batch_id)
        assert (batch["status"], batch["held_reason"]) == ("paused", "max_cost_reached")
        assert claims_of(stored_api).claim(ids[2], "w") is None
        job = (await stored_api.get(f"{JOBS}/{ids[2]}")).json()
        assert (job["status"], job["deferred_reason"]) == ("queued", "max_cost_reached")
        assert (await post(batch_id, "resume")).status_code == 409
        answer = await post(batch_id, "resume", "?max_cost_usd=9")
        assert (answer.status_code, answer.json()["max_cost_usd"]) == (200, 9.0)
        self.spend(stored_api, ids[2], 100.0)
        self.spend_nothing_is_left(stored_api, ids[3])
        again = (await post(batch_id, "retry-failed")).json()
        assert again["max_cost_usd"] == 9.0
        other = await post(batch_id, "retry-failed", "?max_cost_usd=2")
        assert other.json()["max_cost_usd"] == 2.0

    @staticmethod
    def spend_nothing_is_left(api, job_id: str) -> None:
        assert claims_of(api).claim(job_id, "w") is None

    @pytest.mark.parametrize("wrong", ["-1", "nan", "inf", "x"])
    async def test_is_a_number(self, api, notes, wrong) -> None:
        assert (await api.submit_batch([notes], f"?max_cost_usd={wrong}")).status_code == 422


async def test_a_batch_keeps_nobody_waiting(stored_api, submitted) -> None:
    batch_id, _ = await submitted(30)
    stored_api.clock.step(1)
    single = await stored_api.submit(headers=stored_api.key("generate", caller="another"))
    sent: list[str] = []
    Admission(
        stored_api.engine,
        stored_api.clock,
        lambda job_id, _lane: sent.append(job_id),
        slots=1,
        max_attempts=3,
        max_running_per_caller=10,
    ).admit()
    assert sent[0] == single
    assert (await stored_api.get(f"{JOBS}?status={JobStatus.QUEUED}&batch_id={batch_id}")).json()
