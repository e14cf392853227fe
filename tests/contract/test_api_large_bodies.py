"""Large bodies, that are read in turns: who sends many of them keeps nobody else waiting."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from api.bodies import LargeBodies
from api.turns import Turns

VALIDATE = "/api/v1/validate"
LARGE = 100_000


@pytest.fixture
def large(notes) -> bytes:
    return json.dumps(notes).encode().ljust(LARGE)


def with_turns(api: Any, turns: Turns) -> None:
    api.app.state.services = replace(api.services, large_bodies=LargeBodies(turns))


async def test_another_is_answered_while_one_sends_many(api, large) -> None:
    turns = Turns(2)
    with_turns(api, turns)
    first = api.callers.find("default").id
    async with turns.turn(first):
        many = [asyncio.create_task(api.post(VALIDATE, content=large)) for _ in range(5)]
        for _ in range(2):
            answer = await api.client.post(
                VALIDATE, content=large, headers=api.key("validate", caller="another")
            )
            assert answer.status_code == 200
        assert not any(one.done() for one in many)
    assert {answer.status_code for answer in await asyncio.gather(*many)} == {200}


async def test_without_authentication_addresses_take_turns(start_api, large) -> None:
    api = await start_api(enable_auth=False)
    turns = Turns(2, patience_seconds=0)
    with_turns(api, turns)
    async with turns.turn("203.0.113.7"):
        assert (await api.client.post(VALIDATE, content=large)).status_code == 503
        async with api.from_address("203.0.113.8") as other:
            assert (await other.post(VALIDATE, content=large)).status_code == 200


@pytest.mark.parametrize("path", ["validate", "generate", "design"])
async def test_who_has_waited_too_long_is_told_when_to_come_again(api, large, path) -> None:
    turns = Turns(2, patience_seconds=0)
    with_turns(api, turns)
    headers = api.good | ({} if path == "validate" else {"Idempotency-Key": "large"})
    async with turns.turn(api.callers.find("default").id):
        answer = await api.client.post(f"/api/v1/{path}", content=large, headers=headers)
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "overloaded"
        assert int(answer.headers["retry-after"]) > 0
        small = await api.client.post(f"/api/v1/{path}", content=large.strip(), headers=api.good)
        assert small.status_code in {200, 202, 422}
    again = await api.client.post(f"/api/v1/{path}", content=large, headers=headers)
    assert again.status_code == {"validate": 200, "generate": 202, "design": 422}[path]
