"""`POST /design`, prompts at `/generate`, and the document that a model made."""

from __future__ import annotations

import pytest

from api.wire import JobShape
from common.document.findings import MAX_FAULTS
from common.document.limits import DocumentLimits
from common.document.limits_in_force import limits_in_force
from common.settings import Settings
from tests.contract.conftest import NOTES

JOBS = "/api/v1/jobs"
MODEL = {"default_llm_provider": "openai", "openai_api_key": "sk-" + "x" * 40}
SHOP = NOTES | {"project_name": "shop"}


@pytest.fixture
async def api(start_api):
    return await start_api(**MODEL)


def faults_of(answer):
    return [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]


@pytest.mark.parametrize(("path", "kind"), [("design", "design"), ("generate", "generate")])
async def test_words_make_a_job(api, path, kind) -> None:
    answer = await api.post(f"/api/v1/{path}", {"prompt": "a shop"})
    assert answer.status_code == 202
    job = answer.json()
    JobShape.model_validate(job)
    assert job["kind"] == kind
    assert job["project_name"] is None
    assert job["links"]["document"] is None
    assert answer.headers["Location"] == f"{JOBS}/{job['id']}"
    early = await api.get(f"{JOBS}/{job['id']}/document")
    assert early.status_code == 409
    assert early.json()["code"] == "not_ready"


async def test_what_was_designed_is_on_the_job_at_once(api) -> None:
    job_id = (await api.post("/api/v1/design", {"prompt": "a shop"})).json()["id"]
    claims, claim = api.claim(job_id)
    before = (await api.get(f"{JOBS}/{job_id}")).headers["ETag"]
    claims.set_designed(claim, SHOP)
    answer = await api.get(f"{JOBS}/{job_id}")
    assert answer.headers["ETag"] != before
    job = answer.json()
    assert job["status"] == "running"
    assert job["project_name"] == "shop"
    document = await api.get(job["links"]["document"])
    assert document.json() == SHOP
    again = await api.post("/api/v1/validate", document.json())
    assert again.json()["valid"] is True


async def test_a_document_that_was_sent_can_be_read_back(api) -> None:
    job = (await api.post("/api/v1/generate", NOTES)).json()
    assert (await api.get(job["links"]["document"])).json() == NOTES


async def test_a_retry_designs_what_was_asked_for(api) -> None:
    wish = {"prompt": "a shop", "run": {"timeout_seconds": 60}}
    job_id = (await api.post("/api/v1/design", wish)).json()["id"]
    claims, claim = api.claim(job_id)
    claims.set_designed(claim, SHOP)
    api.fail(claims, claim)
    again = (await api.post(f"{JOBS}/{job_id}/retry")).json()
    assert again["kind"] == "design"
    assert api.services.jobs.get_document("default", again["id"]) == wish


async def test_a_document_is_no_prompt(api) -> None:
    answer = await api.post("/api/v1/design", NOTES)
    assert answer.status_code == 422
    assert faults_of(answer) == [("", "invalid_prompt")]


async def test_a_document_to_be_changed_is_checked_in_its_place(api) -> None:
    body = {"prompt": "more", "document": NOTES | {"db_type": "oracle"}}
    for path in ("design", "generate"):
        answer = await api.post(f"/api/v1/{path}", body)
        assert answer.status_code == 422
        [(pointer, _)] = faults_of(answer)
        assert pointer == "/document/db_type"
    body = {"prompt": "more", "document": NOTES | {"description": "<script>"}}
    answer = await api.post("/api/v1/design", body)
    assert answer.status_code == 400
    assert faults_of(answer) == [("/document/description", "suspicious_pattern")]


async def test_words_are_neither_searched_nor_cut(api) -> None:
    words = "drop table <script> eval(" + "x" * 5000
    answer = await api.post("/api/v1/design", {"prompt": words})
    assert answer.status_code == 202
    assert api.services.jobs.get_document("default", answer.json()["id"]) == {"prompt": words}


async def test_null_bytes_are_taken_out_of_words_with_a_warning(api) -> None:
    answer = await api.post("/api/v1/design", {"prompt": "a\0 shop"})
    assert answer.status_code == 202
    assert [(each["pointer"], each["code"]) for each in answer.json()["warnings"]] == [
        ("/prompt", "null_bytes_removed")
    ]


async def test_one_key_for_two_calls_is_refused(api) -> None:
    headers = api.good | {"Idempotency-Key": "k" * 20}
    body = {"prompt": "a shop"}
    first = await api.post("/api/v1/design", body, headers=headers)
    same = await api.post("/api/v1/design", body, headers=headers)
    assert same.status_code == 202, same.text
    assert same.json()["id"] == first.json()["id"]
    other = await api.post("/api/v1/generate", body, headers=headers)
    assert other.status_code == 422


async def test_anothers_document_looks_like_none(api) -> None:
    job_id = await api.submit()
    headers = api.key("generate", caller="other")
    answer = await api.get(f"{JOBS}/{job_id}/document", headers=headers)
    never = await api.get(f"{JOBS}/job_{'0' * 26}/document", headers=headers)
    assert answer.status_code == never.status_code == 404


async def test_without_a_model_there_is_no_design(start_api) -> None:
    api = await start_api()
    answer = await api.post("/api/v1/design", {"prompt": "a shop"})
    assert answer.status_code == 422
    assert faults_of(answer) == [("/prompt", "llm_not_configured")]


RULES = [
    {"name": "one", "method": "GET", "description": "One.", "body": "return {'n': 1}"},
    {"name": "two", "method": "GET", "description": "Two."},
]
RULES = [rule | {"returns": {"n": "Integer"}} for rule in RULES]


async def test_whoever_can_only_design_takes_no_rules_to_be_written(start_api) -> None:
    api = await start_api(openai_api_key=MODEL["openai_api_key"], design_llm_model="openai:gpt-5.4")
    body = {"prompt": "more", "document": NOTES | {"operations": RULES}}
    answer = await api.post("/api/v1/generate", body)
    assert answer.status_code == 422
    assert faults_of(answer) == [("/document/operations/1", "llm_not_configured")]
    found = (await api.post("/api/v1/validate", body)).json()
    assert found["valid"] is False
    for accepted in (
        body | {"options": {"on_unproven": "stub"}},
        {"prompt": "more", "document": NOTES | {"operations": RULES[:1]}},
        {"prompt": "more"},
    ):
        assert (await api.post("/api/v1/generate", accepted)).status_code == 202
    # Its outcome is a document, in which the rules stand as they were
    assert (await api.post("/api/v1/design", body)).status_code == 202


async def test_validate_says_what_words_would_take(api) -> None:
    found = (await api.post("/api/v1/validate", {"prompt": "a shop"})).json()
    assert found["valid"] is True
    assert found["requires_llm"] is True
    estimate = found["estimate"]
    assert estimate["llm_calls"] == 1
    assert 0 < estimate["cost_usd"] < estimate["reserved_usd"] < estimate["max_cost_usd"] < 20
    assert estimate["seconds"] > 5


async def test_validate_says_what_unwritten_rules_would_take(api) -> None:
    rules = [
        {"name": name, "method": "GET", "description": "Counts.", "returns": {"n": "Integer"}}
        for name in ("one", "two", "three")
    ]
    rules[2]["body"] = "return {'n': 3}"
    found = (await api.post("/api/v1/validate", NOTES | {"operations": rules})).json()
    assert found["valid"] is True, found["errors"]
    assert found["requires_llm"] is True
    assert found["estimate"]["llm_calls"] == 2
    stubs = NOTES | {"operations": rules, "options": {"on_unproven": "stub"}}
    found = (await api.post("/api/v1/validate", stubs)).json()
    assert found["requires_llm"] is True, "it is asked, and what it does not do stays a stub"
    assert found["estimate"]["llm_calls"] == 2


async def test_validate_counts_the_rules_beside_words(api) -> None:
    body = {"prompt": "more", "document": NOTES | {"operations": RULES}}
    both = (await api.post("/api/v1/validate", body)).json()
    assert both["valid"] is True, both["errors"]
    assert both["estimate"]["llm_calls"] == 2
    words = (await api.post("/api/v1/validate", {"prompt": "more", "document": NOTES})).json()
    assert words["estimate"]["llm_calls"] == 1
    for member in ("cost_usd", "max_cost_usd"):
        assert words["estimate"][member] < both["estimate"][member]


async def test_nobody_guesses_a_price(start_api) -> None:
    api = await start_api(**MODEL, openai_model="unheard-of")
    found = (await api.post("/api/v1/validate", {"prompt": "a shop"})).json()
    assert found["estimate"]["llm_calls"] == 1
    assert found["estimate"]["cost_usd"] is None
    assert found["estimate"]["max_cost_usd"] is None


def test_the_settings_say_who_can_be_asked() -> None:
    limits = limits_in_force(Settings(**MODEL))
    assert limits.can_design
    assert limits.can_implement
    assert not DocumentLimits().can_design


async def test_of_very_many_unknown_members_the_first_are_told(api) -> None:
    body = {"prompt": "more"} | {f"documen{number}": 0 for number in range(2_000)}
    found = (await api.post("/api/v1/validate", body)).json()
    assert len(found["errors"]) == MAX_FAULTS + 1
    assert found["errors"][-1]["message"] == "1500 further faults are not listed."
