"""`GET /usage` and `/metrics`: what callers and operators see of calls to models."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.wire import SpendingShape
from common.jobs.codes import ErrorCode
from common.jobs.job import Stage
from common.llm.answers import Finish, Kept
from common.llm.calls import Asker, Call, Request
from common.llm.ledger import Ledger, note_unsettled
from common.llm.quota import Amounts, Quotas

USAGE = "/api/v1/usage"
NONE = float("inf")
NOTHING = {"llm_calls": 0, "input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0}


class Desk:
    """Be the worker that calls models for a job."""

    def __init__(self, api: Any, job_id: str, caller: str = "default") -> None:
        self.api = api
        self.claims, self.claim = api.claim(job_id)
        unlimited = Amounts(NONE, NONE, NONE)
        self.ledger = Ledger(api.engine, api.clock, Quotas(unlimited, unlimited))
        self.asker = Asker(caller, job_id, self.claim.fence, (job_id,))

    def reserve(self, sha256: str = "a") -> Call:
        request = Request(Stage.DESIGN, "openai", "gpt-5.4", sha256, 100, 900, 0.5)
        return self.ledger.reserve(self.asker, request)

    def call(self, sha256: str = "a") -> None:
        kept = Kept(Finish.ANSWERED, "{}", "openai", "gpt-5.4")
        used = {"input_tokens": 40, "output_tokens": 60, "cost_usd": 0.1}
        self.ledger.settle(self.reserve(sha256), kept, **used, seconds=3)


@pytest.fixture
async def desk(api) -> Desk:
    return Desk(api, await api.submit())


async def usage(api, **more: Any) -> dict[str, Any]:
    answer = await api.get(USAGE, **more)
    assert answer.status_code == 200, answer.text
    SpendingShape.model_validate(answer.json())
    return answer.json()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


async def test_before_anything_was_asked(api) -> None:
    told = await usage(api)
    assert told == {
        "quotas": {
            "calls": {"limit": 60, "used": 0, "remaining": 60, "resets_at": None},
            "tokens": {"limit": 1e6, "used": 0, "remaining": 1e6, "resets_at": None},
            "cost_usd": {"limit": 5, "used": 0, "remaining": 5, "resets_at": None},
        },
        "spend": dict.fromkeys(("last_hour", "last_24_hours", "last_30_days"), NOTHING),
        "unsettled": [],
    }


async def test_what_was_used_and_when_it_is_back(api, desk) -> None:
    desk.call("a")
    api.clock.step(600)
    desk.call("b")
    told = await usage(api)
    assert told["quotas"]["calls"]["used"] == 2
    assert told["quotas"]["tokens"] == {
        "limit": 1e6,
        "used": 200,
        "remaining": 999_800,
        "resets_at": told["quotas"]["calls"]["resets_at"],
    }
    assert told["quotas"]["cost_usd"]["remaining"] == 4.8
    assert moment(told["quotas"]["calls"]["resets_at"]) == api.clock() + timedelta(hours=1)
    two = {"llm_calls": 2, "input_tokens": 80, "output_tokens": 120, "cost_usd": 0.2}
    assert set(map(str, told["spend"].values())) == {str(two)}
    api.clock.step(3000)  # an hour after the first
    told = await usage(api)
    assert told["quotas"]["calls"]["used"] == 1
    assert told["spend"]["last_hour"]["llm_calls"] == 1
    assert told["spend"]["last_24_hours"]["llm_calls"] == 2


async def test_of_others_is_nobodys_business(api, desk) -> None:
    desk.call()
    told = await usage(api, headers=api.key("jobs:read", caller="bob"))
    assert told["quotas"]["calls"]["used"] == 0
    assert told["spend"]["last_hour"] == NOTHING


async def test_of_a_caller_with_quotas_of_its_own(start_api) -> None:
    api = await start_api(llm_tokens_per_hour="unlimited")
    default = api.callers.ensure("default")
    api.callers.change(default, quotas={"calls": 7, "cost_usd": NONE})
    quotas = (await usage(api))["quotas"]
    assert quotas["calls"]["limit"] == 7
    for name in ("tokens", "cost_usd"):
        assert (quotas[name]["limit"], quotas[name]["remaining"]) == (None, None)
    api.callers.change(default, quotas={"calls": None})
    assert (await usage(api))["quotas"]["calls"]["limit"] == 60


async def test_calls_in_flight_and_lost_ones_count_with_the_most(api, desk) -> None:
    desk.reserve()
    told = await usage(api)
    assert (told["quotas"]["tokens"]["used"], told["unsettled"]) == (1000, [])
    desk.claims.give_back(desk.claim)
    for _ in range(2):  # before anybody has noted it, and afterwards
        told = await usage(api)
        [call] = told["unsettled"]
        assert (call["job_id"], call["output_tokens"]) == (desk.asker.job_id, 900)
        assert call["cost_usd"] == 0.5
        assert told["quotas"]["tokens"]["used"] == 1000
        note_unsettled(api.engine, api.clock())
    assert told["spend"]["last_hour"]["cost_usd"] == 0.5
    job = (await api.get(f"/api/v1/jobs/{desk.asker.job_id}")).json()
    assert job["usage"] == told["spend"]["last_hour"]


async def test_metrics(api, desk) -> None:
    assert "backbone_llm_requests_total{" not in (await api.client.get("/metrics")).text
    desk.call("a")
    desk.call("b")
    desk.ledger.refund(desk.reserve("c"), ErrorCode.LLM_BUSY, seconds=0.1)
    lines = (await api.client.get("/metrics")).text.splitlines()
    of = 'model="gpt-5.4",provider="openai"'
    assert f"backbone_llm_requests_total{{{of}}} 3.0" in lines
    assert f'backbone_llm_tokens_used_total{{{of},type="input"}} 80.0' in lines
    assert f'backbone_llm_tokens_used_total{{{of},type="output"}} 120.0' in lines
    assert 'backbone_llm_errors_total{error_type="llm_busy",provider="openai"} 1.0' in lines
    for bound, count in (("0.5", 1), ("2.5", 1), ("5", 3), ("320", 3), ("+Inf", 3)):
        line = f'backbone_llm_request_duration_seconds_bucket{{le="{bound}"}} {count}.0'
        assert line in lines
    assert "backbone_llm_request_duration_seconds_sum 6.1" in lines
    assert "backbone_llm_request_duration_seconds_count 3.0" in lines
