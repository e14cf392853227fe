"""`POST /generate`: from the first byte to the job, and every way to be refused on it."""

import asyncio
import copy
import json

import pytest

GENERATE = "/api/v1/generate"
VALIDATE = "/api/v1/validate"
BOTH = pytest.mark.parametrize("path", [GENERATE, VALIDATE])


@pytest.fixture
async def generous(start_api):
    """The API with limits that no test meets by accident."""
    high = "1000/minute"
    return await start_api(rate_limit_generation=high, rate_limit_validation=high)


def faults_of(answer):
    return [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]


async def test_a_document_becomes_a_job(api, notes) -> None:
    answer = await api.post(GENERATE, notes)
    assert answer.status_code == 202
    job = answer.json()
    assert job["status"] == "queued"
    assert job["kind"] == "generate"
    assert job["project_name"] == "notes"
    assert answer.headers["Location"] == f"/api/v1/jobs/{job['id']}"
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["ETag"] == '"1"'
    later = (await api.get(answer.headers["Location"])).json()
    assert later == job | {"queue_position": 1}  # an estimate, made when somebody asks
    assert api.services.jobs.get_document("default", job["id"]) == notes


async def test_the_job_is_stored_before_it_is_accepted(api, notes) -> None:
    job_id = await api.submit(notes)
    with api.engine.connect() as connection:  # another connection, as another process would
        found = connection.exec_driver_sql("SELECT id FROM jobs").scalars().all()
    assert found == [job_id]


@BOTH
@pytest.mark.parametrize(
    "content_type",
    [None, "application/json", "application/x-www-form-urlencoded", "text/plain", "nonsense"],
)
async def test_the_content_type_does_not_matter(generous, notes, path, content_type) -> None:
    headers = generous.good | ({"Content-Type": content_type} if content_type else {})
    answer = await generous.client.post(path, content=json.dumps(notes), headers=headers)
    assert answer.status_code in {200, 202}
    with_mark = b"\xef\xbb\xbf" + json.dumps(notes).encode()
    answer = await generous.client.post(path, content=with_mark, headers=headers)
    assert answer.status_code in {200, 202}


@BOTH
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nothing",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": "\\ud800"}',
        b'{"a": 1, "a": 2}',
        b'{"a": "\xff"}',
        b"[" * 101 + b"]" * 101,
        b"[" * 100_000,
        b'{"a": 1} {"b": 2}',
    ],
    ids=lambda body: repr(body[:20]),
)
async def test_what_is_not_json(generous, path, body) -> None:
    answer = await generous.client.post(path, content=body, headers=generous.good)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert len(answer.content) < 2000


async def test_all_faults_at_once_with_their_pointers(api, notes) -> None:
    notes["schema"][0]["columns"][1]["type"] = "string"
    notes["schema"][0]["columns"][0]["primery_key"] = True
    notes["db_type"] = "oracle"
    answer = await api.post(GENERATE, notes)
    assert answer.status_code == 422
    problem = answer.json()
    assert {pointer for pointer, _ in faults_of(answer)} == {
        "/schema/0/columns/1/type",
        "/schema/0/columns/0/primery_key",
        "/db_type",
    }
    assert all(set(fault) == {"pointer", "code", "message"} for fault in problem["errors"])
    assert "primary_key" in answer.text  # the nearest known name
    assert (await api.get("/api/v1/jobs")).json()["items"] == []


@BOTH
async def test_declared_length_comes_before_the_credential(start_api, path) -> None:
    api = await start_api(max_json_size=1000, rate_limit_public="1/minute")
    for _ in range(3):  # also before the rate
        answer = await api.client.post(path, content=b" " * 1001)
        assert answer.status_code == 413
        assert answer.json()["type"] == "/problems/too_large"
        assert answer.headers["X-RateLimit-Limit"] == "1"
    answer = await api.client.post(path, content=b" " * 1001, headers=api.good)
    assert answer.status_code == 413
    assert answer.headers["X-RateLimit-Limit"] in {"10", "50"}
    assert answer.headers["X-RateLimit-Remaining"] in {"9", "49"}  # it counts


async def test_a_request_of_any_kind_has_a_largest_size(start_api) -> None:
    api = await start_api(max_request_size=1000)
    answer = await api.client.request("GET", "/api/v1/jobs", content=b" " * 1001)
    assert answer.status_code == 413


async def test_no_length_is_too_long_to_be_read(api) -> None:
    headers = api.good | {"Content-Length": "9" * 5000}
    answer = await api.client.post(GENERATE, content=b"{}", headers=headers)
    assert answer.status_code == 413


async def test_the_length_is_counted_as_it_streams_in(start_api, notes) -> None:
    api = await start_api(max_json_size=1000)
    taken = 0

    async def chunks():
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield b" " * 100

    answer = await api.client.post(GENERATE, content=chunks(), headers=api.good)
    assert answer.status_code == 413
    assert taken < 20  # the rest was not even asked for

    async def just_enough():
        yield json.dumps(notes).ljust(1000).encode()

    answer = await api.client.post(GENERATE, content=just_enough(), headers=api.good)
    assert answer.status_code == 202


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "x" * 40}], ids=["missing", "wrong"])
async def test_the_credential_comes_before_the_body(api, headers) -> None:
    taken = 0

    async def chunks():
        nonlocal taken
        taken += 1
        yield b"{"

    answer = await api.client.post(GENERATE, content=chunks(), headers=headers)
    assert answer.status_code == 401
    assert taken == 0


async def test_rate_before_scope_before_body(start_api) -> None:
    api = await start_api(rate_limit_generation="2/minute")
    narrow = api.key("jobs:read")
    statuses = [
        (await api.client.post(GENERATE, content=b"{", headers=headers)).status_code
        for headers in (narrow, api.good, narrow, api.good)
    ]
    assert statuses == [403, 400, 429, 429]


@BOTH
async def test_suspicious_patterns(generous, notes, path) -> None:
    for text, pattern in (
        ("x DROP\n\t TABLE users", "drop table"),
        ("DELETE  from users", "delete from"),
        ("<SCRIPT>", "<script>"),
        ("JavaScript:alert(1)", "javascript:"),
        ("eval (1)", "eval("),
        ("exec(1)", "exec("),
    ):
        document = copy.deepcopy(notes)
        document["schema"][0]["columns"][1]["description"] = text
        answer = await generous.post(path, document)
        assert answer.status_code == 400, text
        assert answer.json()["detail"] == f"Suspicious pattern detected in schema: {pattern}"


@BOTH
async def test_innocent_words(generous, notes, path) -> None:
    notes["description"] = "retrieval(x) of backdrop tables"
    assert (await generous.post(path, notes)).status_code in {200, 202}


@BOTH
async def test_null_bytes_come_before_patterns(generous, notes, path) -> None:
    notes["description"] = "drop\x00 table"
    answer = await generous.post(path, notes)
    assert answer.status_code == 400
    assert answer.json()["detail"] == "Suspicious pattern detected in schema: drop table"


@BOTH
async def test_limits(generous, notes, path) -> None:
    table = notes["schema"][0]
    too_many_tables = notes | {
        "schema": [
            table | {"table_name": f"t{number}", "class_name": f"T{number}"} for number in range(51)
        ]
    }
    answer = await generous.post(path, too_many_tables)
    assert answer.status_code == 400
    assert faults_of(answer)[0][0] == "/schema"
    column = {"name": "c", "type": "Integer"}
    too_many_columns = notes | {"schema": [table | {"columns": [column] * 101}]}
    answer = await generous.post(path, too_many_columns)
    assert answer.status_code == 400
    assert faults_of(answer)[0][0] == "/schema/0/columns"
    too_long = notes | {"schema": [table | {"table_name": "t" * 1001}]}
    answer = await generous.post(path, too_long)
    assert answer.status_code == 400
    assert faults_of(answer)[0][0] == "/schema/0/table_name"
    assert len(answer.content) < 2000


async def test_limits_come_before_the_document(api, notes) -> None:
    notes["db_type"] = "oracle"
    notes["project_name"] = "x" * 1001
    assert (await api.post(GENERATE, notes)).status_code == 400


async def test_limits_are_settings(start_api, notes) -> None:
    api = await start_api(max_tables=1, max_columns_per_table=1)
    assert (await api.post(GENERATE, notes)).status_code == 400


async def test_cut_descriptions_and_null_bytes_are_warned_of(api, notes) -> None:
    notes["description"] = "d" * 1500
    notes["schema"][0]["description"] = "a\x00b"
    answer = await api.post(GENERATE, notes)
    assert answer.status_code == 202
    job = answer.json()
    assert {warning["pointer"] for warning in job["warnings"]} == {
        "/description",
        "/schema/0/description",
    }
    stored = api.services.jobs.get_document("default", job["id"])
    assert stored["description"] == "d" * 1000
    assert stored["schema"][0]["description"] == "ab"


# What needs a language model, and what does not


OPERATION = {
    "name": "publish",
    "method": "POST",
    "description": "Publish a note.",
    "input": {"id": "Integer"},
    "returns": {"published": "Boolean"},
}
OWN = OPERATION | {"body": "return {'published': True}"}


@pytest.mark.parametrize(
    ("operations", "pointer"),
    [
        ([OPERATION], "/operations/0"),
        ([OWN | {"name": "first"}, OPERATION], "/operations/1"),
    ],
)
async def test_an_operation_without_a_body_needs_a_model(api, notes, operations, pointer) -> None:
    change = {"operations": operations}
    answer = await api.post(GENERATE, notes | change)
    assert answer.status_code == 422
    assert faults_of(answer) == [(pointer, "llm_not_configured")]
    assert answer.json()["type"] == "/problems/llm_not_configured"
    validated = (await api.post(VALIDATE, notes | change)).json()
    assert validated["valid"] is False
    assert validated["requires_llm"] is True
    found = [(fault["pointer"], fault["code"]) for fault in validated["errors"]]
    assert found == [(pointer, "llm_not_configured")]


@pytest.mark.parametrize(
    "change",
    [
        {"operations": [OWN]},
        {"operations": [OPERATION], "options": {"on_unproven": "stub"}},
    ],
)
async def test_own_code_and_stubs_need_none(api, notes, change) -> None:
    assert (await api.post(GENERATE, notes | change)).status_code == 202
    validated = (await api.post(VALIDATE, notes | change)).json()
    assert (validated["valid"], validated["requires_llm"]) == (True, False)


async def test_code_that_the_gate_does_not_let_through_is_a_fault(api, notes) -> None:
    bad = OWN | {"body": "import os\nreturn {'published': open('x')}"}
    answer = await api.post(GENERATE, notes | {"operations": [bad]})
    assert answer.status_code == 422
    assert faults_of(answer) == [("/operations/0/body", "invalid_body")] * 2


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"prompt": "a blog"}, [("/prompt", "llm_not_configured")]),
        ({"prompt": "drop table users"}, [("/prompt", "llm_not_configured")]),
        ({"prompt": "x" * 20_000}, [("/prompt", "llm_not_configured")]),
        ({"prompt": ""}, [("/prompt", "invalid_prompt")]),
        ({"prompt": 7}, [("/prompt", "invalid_prompt")]),
        (
            {"prompt": "a blog", "options": {"auth": "none"}, "run": {"verify": "fast"}},
            [("/prompt", "llm_not_configured")],
        ),
        (
            {"prompt": "a blog", "project/name": "x"},
            [("/project~1name", "unknown_member"), ("/prompt", "llm_not_configured")],
        ),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_prompts_need_a_model(api, body, expected) -> None:
    answer = await api.post(GENERATE, body)
    assert answer.status_code == 422
    assert faults_of(answer) == expected
    assert len(answer.content) < 2000
    validated = (await api.post(VALIDATE, body)).json()
    assert validated["valid"] is False
    assert validated["requires_llm"] is True


async def test_what_stands_beside_a_prompt_is_checked_like_a_documents(api) -> None:
    body = {"prompt": "a blog", "options": {"auth": 5}, "run": 7}
    assert faults_of(await api.post(GENERATE, body)) == [
        ("/options/auth", "wrong_type"),
        ("/run", "wrong_type"),
        ("/prompt", "llm_not_configured"),
    ]
    suspicious = {"prompt": "a blog", "run": {"verify": "drop table"}}
    assert (await api.post(GENERATE, suspicious)).status_code == 400


async def test_a_prompt_over_the_limit_is_over_a_limit(api) -> None:
    for path in (GENERATE, VALIDATE):
        answer = await api.post(path, {"prompt": "x" * 20_001})
        assert answer.status_code == 400
        assert faults_of(answer) == [("/prompt", "limit_exceeded")]


# One wish, one job


async def test_the_same_wish_makes_the_same_job(api, notes) -> None:
    wish = api.good | {"Idempotency-Key": '"first"'}
    first = await api.post(GENERATE, notes, headers=wish)
    waiting = await api.post(GENERATE, notes, headers=wish)
    assert waiting.json()["queue_position"] == 1
    api.claim(first.json()["id"])
    again = await api.post(GENERATE, notes, headers=wish)
    assert again.status_code == 202
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["status"] == "running"  # as it is now
    assert again.headers["Location"] == first.headers["Location"]
    bare = await api.post(GENERATE, notes, headers=api.good | {"Idempotency-Key": "first"})
    assert bare.json()["id"] == first.json()["id"]
    assert len((await api.get("/api/v1/jobs")).json()["items"]) == 1


async def test_another_body_under_the_same_key(api, notes) -> None:
    wish = api.good | {"Idempotency-Key": "first"}
    await api.post(GENERATE, notes, headers=wish)
    answer = await api.post(GENERATE, notes | {"project_name": "other"}, headers=wish)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/idempotency_key_reused"


async def test_wishes_are_the_callers_own(api, notes) -> None:
    other = api.key("generate", caller="other")
    first = await api.post(GENERATE, notes, headers=api.good | {"Idempotency-Key": "k"})
    second = await api.post(GENERATE, notes, headers=other | {"Idempotency-Key": "k"})
    assert second.status_code == 202
    assert second.json()["id"] != first.json()["id"]


async def test_two_at_the_same_instant_make_one_job(generous, notes) -> None:
    wish = generous.good | {"Idempotency-Key": "together"}
    answers = await asyncio.gather(
        *(generous.post(GENERATE, notes, headers=wish) for _ in range(8)),
        *(generous.post(GENERATE, notes) for _ in range(2)),  # which share their commit
    )
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers[:8]}) == 1
    assert len({answer.json()["id"] for answer in answers}) == 3


async def test_two_bodies_at_the_same_instant(generous, notes) -> None:
    wish = generous.good | {"Idempotency-Key": "together"}
    answers = await asyncio.gather(
        generous.post(GENERATE, notes, headers=wish),
        generous.post(GENERATE, notes | {"project_name": "other"}, headers=wish),
    )
    assert sorted(answer.status_code for answer in answers) == [202, 422]


async def test_a_refused_document_uses_no_key_up(api, notes) -> None:
    wish = api.good | {"Idempotency-Key": "first"}
    assert (await api.post(GENERATE, {}, headers=wish)).status_code == 422
    assert (await api.post(GENERATE, notes, headers=wish)).status_code == 202


@pytest.mark.parametrize("key", ["", '""', '"open', "two words", "x" * 256, b"\xff", '"a" "b"'])
async def test_malformed_keys(api, notes, key) -> None:
    answer = await api.post(GENERATE, notes, headers=api.good | {"Idempotency-Key": key})
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/invalid_idempotency_key"


async def test_a_quoted_key_may_hold_what_a_bare_one_may_not(api, notes) -> None:
    headers = api.good | {"Idempotency-Key": r'"two \"words\""'}
    first = await api.post(GENERATE, notes, headers=headers)
    again = await api.post(GENERATE, notes, headers=headers)
    assert first.status_code == again.status_code == 202
    assert first.json()["id"] == again.json()["id"]


async def test_many_submits_share_a_commit_and_all_are_kept(generous, notes) -> None:
    answers = await asyncio.gather(*(generous.post(GENERATE, notes) for _ in range(40)))
    ids = {answer.json()["id"] for answer in answers}
    assert len(ids) == 40
    with generous.engine.connect() as connection:
        assert set(connection.exec_driver_sql("SELECT id FROM jobs").scalars()) == ids


async def test_no_database_no_job(api, notes) -> None:
    await api.get("/api/v1/jobs")  # the credential is known now
    api.lose_database()
    answer = await api.post(GENERATE, notes)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
