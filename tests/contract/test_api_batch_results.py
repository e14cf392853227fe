"""The results of a batch: every line exactly once, while it runs and after; the zip of all."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, select

from api.batch_wire import LineResultShape
from common.artifacts import output_key
from common.batches.expiry import expire_batches
from common.db.engine import make_engine
from common.db.tables import jobs
from common.jobs.claims import Findings, JobClaims
from common.jobs.expiry import expire
from common.jobs.job import ArtifactFacts
from common.jobs.retention import Retention
from common.jobs.store import JobStore

BATCHES = "/api/v1/batches"
JOBS = "/api/v1/jobs"


@pytest.fixture
def submitted(stored_api, notes):
    """Hands in lines by their custom_ids; the batch's id and its jobs' ids in their order."""

    async def submit(*custom_ids: str, wrong: int = 0):
        lines = [
            {"custom_id": each, "body": notes | {"project_name": f"p{number}"}}
            for number, each in enumerate(custom_ids)
        ]
        lines += [{"custom_id": f"wrong-{number}", "body": {}} for number in range(wrong)]
        answer = await stored_api.submit_batch(lines)
        assert answer.status_code == 202, answer.text
        batch_id = answer.json()["id"]
        with stored_api.engine.connect() as connection:
            ids = select(jobs.c.id).where(jobs.c.batch_id == batch_id).order_by(jobs.c.id)
            return batch_id, list(connection.execute(ids).scalars())

    return submit


@pytest.fixture
def another_engine(stored_api):
    """Makes engines of the API's database, as other processes would."""
    made = []

    def make():
        made.append(make_engine(stored_api.settings.effective_database_url))
        return made[-1]

    yield make
    for engine in made:
        engine.dispose()


def results_in(answer) -> list[dict]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/jsonl"
    found = [json.loads(line) for line in answer.text.splitlines()]
    for each in found:
        LineResultShape.model_validate(each)
    return found


class TestResults:
    async def test_come_as_they_become_known(self, stored_api, submitted) -> None:
        api = stored_api
        batch_id, ids = await submitted("a", "b", "c", wrong=2)
        path = f"{BATCHES}/{batch_id}/results"
        answer = await api.get(path)
        assert [(r["custom_id"], r["status"]) for r in results_in(answer)] == [
            ("wrong-0", "refused"),
            ("wrong-1", "refused"),
        ]
        assert results_in(answer)[0]["errors"][0]["pointer"] == "/body"
        cursor = answer.headers["X-Next-Cursor"]
        answer = await api.get(f"{path}?cursor={cursor}")
        assert results_in(answer) == []
        assert answer.headers["X-Next-Cursor"] == cursor
        content = api.finish(ids[2], {"x": "y"})
        api.finish(ids[0], {"x": "y"}, failed=True)
        answer = await api.get(f"{path}?cursor={cursor}")
        third, first = results_in(answer)
        assert (third["custom_id"], third["status"], third["line"]) == ("c", "succeeded", 3)
        assert third["artifact"]["sha256"] == hashlib.sha256(content).hexdigest()
        assert third["verification"]["passed"] == 7
        assert third["links"]["artifact"] == f"{JOBS}/{ids[2]}/artifact"
        assert third["error"] is None
        assert (first["custom_id"], first["status"]) == ("a", "failed")
        assert first["error"]["code"] == "checks_failed"
        assert first["links"]["artifact"] is None
        assert first["links"]["report"] == f"{JOBS}/{ids[0]}/report"
        assert 'rel="next"' in answer.headers["Link"]
        await api.post(f"{BATCHES}/{batch_id}/cancel")
        answer = await api.get(answer.headers["Link"].partition(">")[0].removeprefix("<"))
        assert [(r["custom_id"], r["status"]) for r in results_in(answer)] == [("b", "cancelled")]
        assert "Link" not in answer.headers
        everything = await api.get(path)
        assert [r["custom_id"] for r in results_in(everything)] == [
            "wrong-0",
            "wrong-1",
            "c",
            "a",
            "b",
        ]

    async def test_page_by_page(self, stored_api, submitted) -> None:
        batch_id, ids = await submitted(*map(str, range(9)), wrong=3)
        for job_id in ids:
            stored_api.finish(job_id, {"x": "y"})
        path = f"{BATCHES}/{batch_id}/results?limit=5"
        seen, sizes = [], []
        while path:
            answer = await stored_api.get(path)
            found = results_in(answer)
            seen += [result["line"] for result in found]
            sizes.append(len(found))
            link = answer.headers.get("Link", "")
            path = link.partition(">")[0].removeprefix("<")
        assert sizes == [5, 5, 2]
        assert seen == [10, 11, 12, *range(1, 10)]

    @pytest.mark.parametrize("cursor", ["x", "am9i", "%00", "MC4x.", "LTEuMQ"])
    async def test_of_a_cursor_that_is_none(self, stored_api, submitted, cursor) -> None:
        batch_id, _ = await submitted("a")
        answer = await stored_api.get(f"{BATCHES}/{batch_id}/results?cursor={cursor}")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")

    async def test_outlive_their_jobs(self, stored_api, submitted) -> None:
        batch_id, ids = await submitted("a", "b")
        stored_api.finish(ids[0], {"x": "y"})
        for job_id in ids:  # the second one has not even begun
            await stored_api.client.request("DELETE", f"{JOBS}/{job_id}", headers=stored_api.good)
        answer = await stored_api.get(f"{BATCHES}/{batch_id}/results")
        assert [(r["custom_id"], r["status"], r["job_id"]) for r in results_in(answer)] == [
            ("a", "succeeded", None),
            ("b", "cancelled", None),
        ]
        assert set(results_in(answer)[0]["links"].values()) == {None}
        batch = (await stored_api.get(f"{BATCHES}/{batch_id}")).json()
        assert batch["status"] == "finished"
        assert batch["counts"]["total"] == 2

    async def test_are_read_along_an_index(self, start_api, notes) -> None:
        api = await start_api()
        batch_id = (await api.submit_batch([notes, {"custom_id": "x", "body": {}}])).json()["id"]
        statements = []

        def note(_connection, _cursor, statement, parameters, *_):
            statements.append((statement, parameters))

        event.listen(api.services.database, "before_cursor_execute", note)
        results_in(await api.get(f"{BATCHES}/{batch_id}/results?cursor=MC4x&limit=7"))
        reads = [each for each in statements if "batch_lines.finished_number >=" in each[0]]
        assert len(reads) >= 2
        with api.engine.connect() as connection:
            for statement, parameters in reads:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                steps = [str(row[3]) for row in plan]
                assert "ix_batch_lines_batch_id_finished_number_number (batch_id=?" in steps[0]
                assert not any("TEMP B-TREE" in step for step in steps)


def finish_all(api, engine, ids: list[str]) -> None:
    """Be a worker with all of these jobs."""
    keep = Retention.from_settings(api.settings)
    claims = JobClaims(engine, api.clock, retention=keep, lease_seconds=15)
    for job_id in ids:
        claim = claims.claim(job_id, "w")
        if claim is not None:
            claims.succeed(claim, ArtifactFacts(1, 1, "x"), Findings())


def cancel_all(api, engine, ids: list[str]) -> None:
    store = JobStore(engine, api.clock)
    for job_id in ids:
        store.request_cancel("default", job_id)


async def test_a_reader_misses_nothing_whoever_finishes_jobs_at_that_time(
    stored_api, submitted, another_engine
) -> None:
    api = stored_api
    batch_id, ids = await submitted(*map(str, range(120)))
    batches = api.services.batches
    with ThreadPoolExecutor(6) as threads:
        working = [
            threads.submit(finish_all, api, another_engine(), mine)
            for mine in (ids[n::5] for n in range(4))
        ]
        working.append(threads.submit(cancel_all, api, another_engine(), ids[4::5][:12]))
        seen: list[int] = []
        cursor, complete, rounds = "", False, 0
        while not complete:
            limit = "&limit=7" if rounds % 2 else ""
            path = f"{BATCHES}/{batch_id}/results?cursor={cursor}{limit}"
            answer = await api.get(path)
            seen += [result["line"] for result in results_in(answer)]
            cursor = answer.headers["X-Next-Cursor"]
            complete = "Link" not in answer.headers
            rounds += 1
            if len(seen) > 40 and len(working) == 5:  # in bulk, while the others are at it
                working.append(threads.submit(batches.request_cancel, "default", batch_id))
            assert rounds < 5000
        for each in working:
            each.result()
    assert sorted(seen) == list(range(1, 121))
    assert rounds > 3


class TestArtifact:
    async def test_is_all_of_them(self, stored_api, submitted) -> None:
        api = stored_api
        names = (
            "plain",
            "a/b",
            "../../etc/passwd",
            "PLAIN",
            "ключ",
            "con",
            ".",
            "x" * 150,
            "failed",
        )
        batch_id, ids = await submitted(*names, wrong=1)
        path = f"{BATCHES}/{batch_id}/artifact"
        contents = {}
        for name, job_id in zip(names, ids, strict=True):
            if job_id == ids[-1]:
                early = await api.get(path)
                assert (early.status_code, early.json()["code"]) == (409, "not_ready")
            contents[name] = api.finish(job_id, {"name.txt": name}, failed=name == "failed")
        answer = await api.get(path)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/zip"
        assert f'filename="{batch_id}.zip"' in answer.headers["Content-Disposition"]
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.testzip() is None
            files = {name: archive.read(name) for name in archive.namelist()}
            assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
            assert all(entry.flag_bits == 0 for entry in archive.infolist())
        results = [json.loads(line) for line in files.pop("results.jsonl").splitlines()]
        assert [result["line"] for result in results] == list(range(1, 11))
        by_id = {result["custom_id"]: result["file"] for result in results}
        assert (by_id["failed"], by_id["wrong-0"]) == (None, None)
        assert by_id["plain"] == "plain.zip"
        assert files == {by_id[name]: contents[name] for name in names[:-1]}
        assert len({name.lower() for name in files}) == len(files) == 8
        for name in files:
            assert "/" not in name
            assert not name.startswith(".")
            assert name.isascii()
            assert name != "con.zip"
        assert (await api.get(path)).content == answer.content

    async def test_without_any_success_has_the_results(self, stored_api, submitted) -> None:
        batch_id, ids = await submitted("a")
        stored_api.finish(ids[0], {"x": "y"}, failed=True)
        answer = await stored_api.get(f"{BATCHES}/{batch_id}/artifact")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.namelist() == ["results.jsonl"]

    async def test_has_many_lines(self, stored_api, submitted) -> None:
        """More than one look at the database each time."""
        batch_id, ids = await submitted(*map(str, range(205)))
        claims = JobClaims(
            stored_api.engine,
            stored_api.clock,
            retention=Retention.from_settings(stored_api.settings),
            lease_seconds=15,
        )
        for job_id in ids:
            claim = claims.claim(job_id, "w")
            assert claim is not None
            key = output_key(job_id, 1)
            stored_api.services.artifacts.put(f"{key}/project.zip", job_id.encode())
            claims.succeed(claim, ArtifactFacts(1, 1, "x"), Findings(key))
        answer = await stored_api.get(f"{BATCHES}/{batch_id}/artifact")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.testzip() is None
            assert archive.namelist() == ["results.jsonl", *(f"{n}.zip" for n in range(205))]
            assert archive.read("204.zip") == ids[204].encode()

    async def test_leaves_out_what_was_deleted(self, stored_api, submitted) -> None:
        api = stored_api
        batch_id, ids = await submitted("a", "A", "b")
        contents = [api.finish(job_id, {"x": job_id}) for job_id in ids]
        await api.client.request("DELETE", f"/api/v1/jobs/{ids[0]}", headers=api.good)
        answer = await api.get(f"{BATCHES}/{batch_id}/artifact")
        assert answer.status_code == 200
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        results = [json.loads(line) for line in files.pop("results.jsonl").splitlines()]
        assert [result["file"] for result in results] == [None, "A.zip", "b.zip"]
        assert files == {"A.zip": contents[1], "b.zip": contents[2]}

    async def test_expires_with_the_first_of_them(self, stored_api, submitted) -> None:
        batch_id, ids = await submitted("a", "b")
        stored_api.finish(ids[0], {"x": "y"})
        stored_api.clock.step(3600)
        stored_api.finish(ids[1], {"x": "y"})
        path = f"{BATCHES}/{batch_id}/artifact"
        assert (await stored_api.get(path)).status_code == 200
        stored_api.clock.step(71 * 3600)
        answer = await stored_api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (410, "expired")
        results = results_in(await stored_api.get(f"{BATCHES}/{batch_id}/results"))
        expired, kept = sorted(results, key=lambda result: result["custom_id"])
        assert [expired["links"][name] for name in ("artifact", "files", "report")] == [None] * 3
        assert kept["links"]["artifact"] is not None


class TestRetention:
    async def test_a_batch_goes_after_its_jobs(self, stored_api, submitted) -> None:
        api = stored_api
        batch_id, ids = await submitted("a", "b")
        for job_id in ids:
            api.finish(job_id, {"x": "y"})
            api.clock.step(60)
        keep = Retention.from_settings(api.settings)
        api.clock.step(168 * 3600 - 100)
        expire(api.engine, api.clock(), keep, lambda _: None)  # the first one alone
        assert expire_batches(api.engine, api.clock(), keep) == 0
        answer = await api.get(f"{BATCHES}/{batch_id}/results")
        assert [r["job_id"] for r in results_in(answer)] == [None, ids[1]]
        api.clock.step(100)
        assert expire_batches(api.engine, api.clock(), keep) == 0
        expire(api.engine, api.clock(), keep, lambda _: None)
        assert expire_batches(api.engine, api.clock(), keep) == 1
        assert (await api.get(f"{BATCHES}/{batch_id}")).status_code == 404

    async def test_but_not_before_its_lines_count_no_more(
        self, start_api, database_url, notes
    ) -> None:
        api = await start_api(
            database_url=database_url, job_retention_hours=0.1, max_batch_lines_per_hour=1
        )
        batch_id = (await api.submit_batch([notes])).json()["id"]
        [job] = (await api.get(f"{JOBS}?batch_id={batch_id}")).json()["items"]
        api.finish(job["id"], {"x": "y"})
        keep = Retention.from_settings(api.settings)
        api.clock.step(3599)
        expire(api.engine, api.clock(), keep, lambda _: None)
        assert expire_batches(api.engine, api.clock(), keep) == 0
        assert (await api.submit_batch([notes])).status_code == 429
        api.clock.step(1)
        assert expire_batches(api.engine, api.clock(), keep) == 1
        assert (await api.submit_batch([notes])).status_code == 202
