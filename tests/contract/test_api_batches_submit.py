"""`POST /batches`: what is taken, what is refused, and what is said of every line."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
from typing import Any

import pytest
from sqlalchemy import func, select

from api.batch_wire import BatchShape, LineProblem
from common.batches.expiry import expire_batches
from common.batches.incoming import Incoming
from common.batches.lines import NewLine
from common.db.tables import batch_lines, batches, job_documents, jobs
from common.jobs.new_job import NewJob
from common.jobs.retention import Retention
from tests.contract import hostile

BATCHES = "/api/v1/batches"
LINES = {"Content-Type": "application/jsonl"}


@pytest.fixture
def numbered(notes):
    """So many documents, each another."""

    def make(count: int, start: int = 0) -> list[dict[str, Any]]:
        return [notes | {"project_name": f"p{number}"} for number in range(start, start + count)]

    return make


@pytest.fixture
def nothing_left():
    """Asserts that no batch, no line, no job and no document is stored."""

    def check(api) -> None:
        with api.engine.connect() as connection:
            for table in (batches, batch_lines, jobs, job_documents):
                assert connection.execute(select(func.count()).select_from(table)).scalar() == 0

    return check


def places(errors):
    return [(error["line"], error["pointer"], error["code"]) for error in errors]


async def test_what_was_accepted(stored_api, numbered) -> None:
    answer = await stored_api.submit_batch(numbered(3))
    assert answer.status_code == 202
    batch = answer.json()
    BatchShape.model_validate(batch)
    assert answer.headers["Location"] == f"{BATCHES}/{batch['id']}"
    assert batch["status"] == "running"
    assert batch["errors"] == []
    assert (batch["line_count"], batch["refused_count"], batch["job_count"]) == (3, 0, 3)
    assert batch["counts"]["queued"] == batch["counts"]["total"] == 3
    read = await stored_api.get(f"{BATCHES}/{batch['id']}")
    assert read.json() == batch
    listed = (await stored_api.get(f"/api/v1/jobs?batch_id={batch['id']}")).json()["items"]
    assert [job["project_name"] for job in listed] == ["p2", "p1", "p0"]
    assert {job["batch_id"] for job in listed} == {batch["id"]}
    assert {job["status"] for job in listed} == {"queued"}


async def test_every_fault_is_told_with_its_line_and_place(stored_api, notes) -> None:
    wrong = copy.deepcopy(notes)
    wrong["schema"][0]["columns"][1]["type"] = "Strng"
    lines = [
        {"custom_id": "good", "body": notes},
        {"custom_id": "wrong", "body": wrong},
        ["no object"],
        {"body": notes},
        {"custom_id": "", "body": notes},
        {"custom_id": 7, "body": notes},
        {"custom_id": "x" * 201, "body": notes},
        {"custom_id": "a\nb", "body": notes},
        {"custom_id": "good", "body": notes},
        {"custom_id": "no body"},
        {"custom_id": "more", "body": notes, "bdy": 1},
        {"custom_id": "bad", "body": notes | {"description": "DROP  table users"}},
        {"custom_id": "words", "body": {"prompt": "a shop"}},
    ]
    text = b"\n".join(json.dumps(line).encode() for line in lines) + b"\n{nope\n \r\n\xff"
    answer = await stored_api.submit_batch(text)
    batch = answer.json()
    assert answer.status_code == 202
    assert places(batch["errors"]) == [
        (2, "/body/schema/0/columns/1/type", "unknown_value"),
        (3, "", "wrong_type"),
        (4, "", "missing_member"),
        (5, "/custom_id", "empty"),
        (6, "/custom_id", "wrong_type"),
        (7, "/custom_id", "too_long"),
        (8, "/custom_id", "not_printable"),
        (9, "/custom_id", "duplicate_custom_id"),
        (10, "", "missing_member"),
        (11, "/bdy", "unknown_member"),
        (12, "/body/description", "suspicious_pattern"),
        (13, "/body/prompt", "llm_not_configured"),
        (14, "", "invalid_json"),
        (16, "", "not_utf8"),
    ]
    named = {error["line"]: error["custom_id"] for error in batch["errors"]}
    assert (named[2], named[7], named[9], named[14]) == ("wrong", None, "good", None)
    assert (batch["line_count"], batch["refused_count"]) == (15, 14)
    assert (await stored_api.get(f"{BATCHES}/{batch['id']}")).json()["errors"] == batch["errors"]


async def test_a_line_is_judged_as_generate_judges(start_api) -> None:
    """The same faults in the same places, for everything that may be sent as a part of a line."""
    api = await start_api(rate_limit_generation="1000000/minute")
    sent = [each for each in hostile.HOSTILE if b"\n" not in each.body]
    sent = [each for each in sent if len(each.body) < 200_000 and each.body[:1] in b"[{"]
    assert len(sent) > 100
    text = b"\n".join(b'{"custom_id": "%d", "body": %s}' % (n, s.body) for n, s in enumerate(sent))
    answer = (await api.submit_batch(text)).json()
    found: dict[int, list[tuple[str, str]]] = {}
    for error in answer["errors"]:
        found.setdefault(error["line"], []).append((error["pointer"], error["code"]))
    compared = 0
    for number, each in enumerate(sent, start=1):
        alone = await api.client.post("/api/v1/generate", content=each.body, headers=api.good)
        told = found.get(number, [])
        if alone.status_code == 202:
            assert told == [], each.name
            continue
        expected = [(f["pointer"], f["code"]) for f in alone.json()["errors"]]
        if [code for _, code in expected] == [code for _, code in told] and told[0][0] == "":
            continue  # no JSON at all: the place is the whole line
        there = [(f"/body{pointer}", code) for pointer, code in expected]
        assert told[:100] == there[:100], each.name
        assert len(told) == min(len(there), 101)
        compared += 1
    assert compared > 50


async def test_of_very_many_faults_the_first_are_listed_and_the_others_counted(api, notes) -> None:
    bad = {"custom_id": "bad", "body": notes | {f"x{number}": 1 for number in range(300)}}
    batch = (await api.submit_batch([notes, bad])).json()
    assert [error["line"] for error in batch["errors"]] == [2] * 101
    assert batch["errors"][-1]["code"] == "more_faults"
    assert batch["errors"][-1]["message"].startswith("200 further")
    assert len((await api.get(f"{BATCHES}/{batch['id']}")).json()["errors"]) == 100


async def test_warnings_are_kept_with_the_job(stored_api, notes) -> None:
    long = notes | {"description": "x" * 1001}
    batch = (await stored_api.submit_batch([long])).json()
    [job] = (await stored_api.get(f"/api/v1/jobs?batch_id={batch['id']}")).json()["items"]
    assert [warning["pointer"] for warning in job["warnings"]] == ["/description"]


@pytest.mark.parametrize("before", [0, 250])
async def test_strict_refuses_all_for_one(stored_api, numbered, nothing_left, before) -> None:
    lines = [*numbered(before), {"custom_id": "x", "body": {}}, *numbered(3, 900)]
    answer = await stored_api.submit_batch(lines, "?strict=true")
    assert answer.status_code == 422
    problem = answer.json()
    LineProblem.model_validate(problem)
    assert problem["code"] == "invalid_lines"
    assert {error["line"] for error in problem["errors"]} == {before + 1}
    nothing_left(stored_api)
    assert problem["detail"].startswith("1 line is wrong")
    assert (await stored_api.submit_batch(numbered(3), "?strict=true")).status_code == 202


async def test_strict_refuses_a_list_and_what_is_no_json_as_well(api, notes, nothing_left) -> None:
    line = {"custom_id": "same", "body": notes}
    text = json.dumps(line).encode()
    as_list = {"Content-Type": "application/json"}
    for body, headers, wrong in (
        (json.dumps([line, line]).encode(), as_list, (2, "/custom_id", "duplicate_custom_id")),
        (text + b"\n\n" + text, {}, (3, "/custom_id", "duplicate_custom_id")),
        (b"\xef\xbb\xbf" + text + b"\r\nnope", {}, (2, "", "invalid_json")),
    ):
        answer = await api.submit_batch(body, "?strict=true", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_lines")
        assert places(answer.json()["errors"]) == [wrong]
    nothing_left(api)


async def test_no_good_line(stored_api, nothing_left) -> None:
    answer = await stored_api.submit_batch(b"1\n2\n")
    assert answer.status_code == 422
    assert answer.json()["code"] == "no_valid_line"
    assert places(answer.json()["errors"]) == [(1, "", "wrong_type"), (2, "", "wrong_type")]
    nothing_left(stored_api)


@pytest.mark.parametrize("body", [b"", b"\n \n\r\n"])
async def test_nothing_at_all(api, body, nothing_left) -> None:
    answer = await api.submit_batch(body)
    assert (answer.status_code, answer.json()["code"]) == (422, "empty_batch")
    nothing_left(api)


async def test_a_list_is_taken_as_well(api, numbered) -> None:
    lines = [{"custom_id": str(n), "body": body} for n, body in enumerate(numbered(2))]
    headers = {"Content-Type": "application/json; charset=utf-8"}
    body = json.dumps([*lines, 5]).encode()
    answer = await api.submit_batch(body, headers=headers)
    assert answer.status_code == 202
    assert answer.json()["counts"]["total"] == 2
    assert places(answer.json()["errors"]) == [(3, "", "wrong_type")]
    for wrong, status in ((b"{}", 422), (b"[{]", 400), (b"[]", 422), (b"[NaN]", 400)):
        assert (await api.submit_batch(wrong, headers=headers)).status_code == status


async def test_ways_to_write_lines(api, numbered) -> None:
    text = b"\r\n".join(
        json.dumps({"custom_id": str(n), "body": body}).encode()
        for n, body in enumerate(numbered(2))
    )
    for body in (text, text + b"\r\n", b"\xef\xbb\xbf" + text, b"\n\n" + text):
        for kind in ("application/jsonl", "application/x-ndjson", "Application/JSONL; x=y"):
            answer = await api.submit_batch(body, headers={"Content-Type": kind})
            assert answer.status_code in {202, 429}
            if answer.status_code == 202:
                assert answer.json()["counts"]["total"] == 2


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "json"])
async def test_another_form_is_refused(api, kind) -> None:
    answer = await api.submit_batch(b"{}", headers={"Content-Type": kind})
    assert answer.status_code == 415
    assert "application/jsonl" in answer.json()["detail"]


async def test_sizes(start_api, notes, nothing_left) -> None:
    api = await start_api(max_batch_lines=3, max_json_size=2000, max_request_size=5000)
    line = json.dumps({"custom_id": "a", "body": notes}).encode()
    too_many = await api.submit_batch(b"\n".join([b"1"] * 4))
    assert too_many.status_code == 400
    assert "3 lines" in too_many.json()["detail"]
    as_list = {"Content-Type": "application/json"}
    assert (await api.submit_batch(b"[1,2,3,4]", headers=as_list)).status_code == 400
    assert (await api.submit_batch(b" " * 5001)).status_code == 413
    assert (await api.submit_batch(b"[" + b" " * 2000 + b"]", headers=as_list)).status_code == 413

    async def unsized():
        for _ in range(6):
            yield b" " * 1000

    headers = api.good | LINES
    answer = await api.client.post(BATCHES, content=unsized(), headers=headers)
    assert answer.status_code == 413
    nothing_left(api)
    long = await api.submit_batch(line + b"\n" + b'"' + b"x" * 2100 + b'"')
    assert places(long.json()["errors"]) == [(2, "", "line_too_long")]


async def test_sizes_that_everybody_gets(api, nothing_left) -> None:
    too_many = await api.submit_batch(b"1\n" * 10_001)
    assert (too_many.status_code, too_many.json()["code"]) == (400, "limit_exceeded")
    assert "10000 lines" in too_many.json()["detail"]
    too_large = await api.submit_batch(b"\n" * (50 * 1024 * 1024 + 1))
    assert too_large.status_code == 413
    nothing_left(api)


async def test_lines_cut_anywhere_are_the_same_lines(api, numbered) -> None:
    text = b"\n".join(
        json.dumps({"custom_id": str(n), "body": body}).encode()
        for n, body in enumerate(numbered(3))
    )

    async def pieces():
        for start in range(0, len(text), 7):
            yield text[start : start + 7]

    answer = await api.client.post(BATCHES, content=pieces(), headers=api.good | LINES)
    assert answer.json()["counts"]["total"] == 3
    assert answer.json()["errors"] == []


class TestIdenticalDocuments:
    async def test_run_once(self, stored_api, notes) -> None:
        again = dict(reversed(notes.items()))
        other = notes | {"run": {"verify": "none"}}
        batch = (await stored_api.submit_batch([notes, again, other, notes])).json()
        assert batch["counts"]["total"] == 4
        assert batch["job_count"] == 2
        jobs_of = (await stored_api.get(f"/api/v1/jobs?batch_id={batch['id']}")).json()["items"]
        assert len(jobs_of) == 2
        for job in jobs_of:
            stored_api.finish(job["id"], {"a": "b"})
        batch = (await stored_api.get(f"{BATCHES}/{batch['id']}")).json()
        assert batch["counts"]["succeeded"] == 4
        assert batch["status"] == "finished"
        answer = await stored_api.get(f"{BATCHES}/{batch['id']}/results")
        results = [json.loads(line) for line in answer.text.splitlines()]
        by_line = {result["line"]: result["job_id"] for result in results}
        assert by_line[1] == by_line[2] == by_line[4] != by_line[3]

    async def test_over_several_pieces(self, api, notes) -> None:
        batch = (await api.submit_batch([notes] * 501)).json()
        assert (batch["counts"]["total"], batch["job_count"]) == (501, 1)

    async def test_not_what_was_odd_in_another_way(self, api, notes) -> None:
        odd = notes | {"description": "a\0b"}
        plain = notes | {"description": "ab"}
        batch = (await api.submit_batch([odd, plain])).json()
        assert batch["job_count"] == 2


class TestLinesPerHour:
    async def test_are_counted(self, start_api, database_url, numbered, nothing_left) -> None:
        api = await start_api(database_url=database_url, max_batch_lines_per_hour=5)
        refused = await api.submit_batch(numbered(6))
        assert refused.status_code == 429
        nothing_left(api)
        assert (await api.submit_batch(numbered(3))).status_code == 202
        api.clock.step(600)
        assert (await api.submit_batch(numbered(2))).status_code == 202
        refused = await api.submit_batch(numbered(2))
        assert refused.status_code == 429
        problem = refused.json()
        assert problem["code"] == "batch_lines_exceeded"
        assert problem["retry_after"] == int(refused.headers["Retry-After"])
        assert {"error", "message"} <= problem.keys()
        other = api.key("batches", caller="another")
        assert (await api.submit_batch(numbered(5), headers=other)).status_code == 202
        api.clock.step(problem["retry_after"] - 1)
        assert (await api.submit_batch(numbered(2))).status_code == 429
        api.clock.step(1)
        assert (await api.submit_batch(numbered(2))).status_code == 202

    async def test_exactly_also_at_the_same_instant(
        self, start_api, database_url, numbered
    ) -> None:
        api = await start_api(database_url=database_url, max_batch_lines_per_hour=10)
        answers = await asyncio.gather(
            *(api.submit_batch(numbered(3, start=number * 10)) for number in range(8))
        )
        assert sorted(answer.status_code for answer in answers) == [202] * 3 + [429] * 5
        listed = (await api.get("/api/v1/jobs?limit=100")).json()["items"]
        assert len(listed) == 9


class TestWishes:
    async def test_one_key_makes_one_batch(self, stored_api, numbered) -> None:
        wish = {"Idempotency-Key": '"once"'}
        first = await stored_api.submit_batch([*numbered(3), {"body": 1}], headers=wish)
        again = await stored_api.submit_batch([*numbered(3), {"body": 1}], headers=wish)
        assert again.status_code == 202
        assert again.json() == first.json()
        other = await stored_api.submit_batch(numbered(4), headers=wish)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        stricter = await stored_api.submit_batch(
            [*numbered(3), {"body": 1}], "?strict=true", headers=wish
        )
        assert stricter.status_code == 422
        assert len((await stored_api.get(BATCHES)).json()["items"]) == 1
        assert len((await stored_api.get("/api/v1/jobs")).json()["items"]) == 3

    async def test_at_the_same_instant(self, stored_api, numbered) -> None:
        wish = {"Idempotency-Key": "once"}
        answers = await asyncio.gather(
            *(stored_api.submit_batch(numbered(3), headers=wish) for _ in range(6))
        )
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert len((await stored_api.get("/api/v1/jobs")).json()["items"]) == 3

    async def test_stands_for_a_day(self, stored_api, numbered) -> None:
        wish = {"Idempotency-Key": "once"}
        first = await stored_api.submit_batch(numbered(1), headers=wish)
        stored_api.clock.step(24 * 3600)
        second = await stored_api.submit_batch(numbered(1), headers=wish)
        assert second.status_code == 202
        assert second.json()["id"] != first.json()["id"]

    async def test_what_was_refused_is_not_remembered(self, api, numbered) -> None:
        wish = {"Idempotency-Key": "once"}
        assert (await api.submit_batch(b"1", headers=wish)).status_code == 422
        assert (await api.submit_batch(numbered(1), headers=wish)).status_code == 202

    async def test_another_caller_has_other_keys(self, api, numbered) -> None:
        wish = {"Idempotency-Key": "once"}
        other = api.key("batches", caller="another") | wish
        first = await api.submit_batch(numbered(1), headers=wish)
        second = await api.submit_batch(numbered(1), headers=other)
        assert first.json()["id"] != second.json()["id"]


class TestComingIn:
    async def test_is_there_for_nobody_until_it_is_whole(self, stored_api, numbered) -> None:
        api = stored_api
        seen = {}

        async def lines():
            for number, body in enumerate(numbered(450)):
                line = json.dumps({"custom_id": str(number), "body": body}).encode() + b"\n"
                yield line + b" " * 1000 + b"\n"
            for path in ("/api/v1/jobs", BATCHES):
                seen[path] = (await api.get(path)).json()["items"]
            with api.engine.connect() as connection:
                stored = select(jobs.c.id, jobs.c.lane, batches.c.id.label("batch_id")).join(
                    batches, batches.c.id == jobs.c.batch_id
                )
                rows = connection.execute(stored).all()
            seen["stored"] = len(rows)
            batch_id = rows[0].batch_id
            for path in ("", "/results", "/artifact"):
                seen[path] = (await api.get(f"{BATCHES}/{batch_id}{path}")).status_code
            path = f"/api/v1/jobs?batch_id={batch_id}"
            seen["by batch"] = (await api.get(path)).json()["items"]

        answer = await api.client.post(BATCHES, content=lines(), headers=api.good | LINES)
        assert answer.json()["counts"]["total"] == 450
        assert seen["stored"] >= 200
        assert seen["/api/v1/jobs"] == seen[BATCHES] == seen["by batch"] == []
        assert [seen[path] for path in ("", "/results", "/artifact")] == [404] * 3
        assert len((await api.get("/api/v1/jobs?limit=100")).json()["items"]) == 100

    async def test_a_caller_who_leaves_leaves_nothing_behind(
        self, stored_api, numbered, nothing_left
    ) -> None:
        text = b"\n".join(
            json.dumps({"custom_id": str(n), "body": body}).encode() + b" " * 500
            for n, body in enumerate(numbered(700))
        )
        messages = [
            {"type": "http.request", "body": text, "more_body": True},
            {"type": "http.disconnect"},
        ]
        stored = []

        async def receive():
            if len(messages) == 1:
                with stored_api.engine.connect() as connection:
                    count = select(func.count()).select_from(jobs)
                    stored.append(connection.execute(count).scalar())
            return messages.pop(0)

        sent = []

        async def send(message):
            sent.append(message)

        headers = {"host": "x", "x-api-key": stored_api.good["X-API-Key"]}
        headers |= {"content-type": "application/jsonl"}
        scope = {
            "type": "http",
            "method": "POST",
            "path": BATCHES,
            "raw_path": BATCHES.encode(),
            "query_string": b"",
            "http_version": "1.1",
            "scheme": "http",
            "client": ("203.0.113.7", 1),
            "server": ("x", 80),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        await stored_api.app(scope, receive, send)
        assert stored[0] > 100
        nothing_left(stored_api)

    async def test_what_a_dead_process_left_is_removed(
        self, stored_api, numbered, nothing_left
    ) -> None:
        api = stored_api
        incoming = Incoming(api.engine, api.clock, "default", lines_per_hour=1000)
        incoming.add(
            [
                NewLine(n, str(n), NewJob("default", body), b"%d" % n)
                for n, body in enumerate(numbered(20), start=1)
            ]
        )
        keep = Retention.from_settings(api.settings)
        api.clock.step(1799)
        assert expire_batches(api.engine, api.clock(), keep) == 0
        api.clock.step(1)
        assert expire_batches(api.engine, api.clock(), keep) == 1
        nothing_left(api)
        with pytest.raises(Exception, match="given up"):
            incoming.accept()

    async def test_without_a_database(self, api, numbered, caplog) -> None:
        caplog.set_level(logging.CRITICAL)
        api.lose_database()
        answer = await api.submit_batch(numbered(1))
        assert answer.status_code == 503
