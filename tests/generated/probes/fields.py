"""Put into the project of `refusals.json`: what fields take in, and what they make of it."""

from __future__ import annotations

import pytest
from httpx import AsyncClient

GAME = {"code": "a", "begins_at": "2024-01-01T00:00:00Z", "opens": "08:00:00", "lasts": "PT1H"}


@pytest.mark.parametrize("code", ["A/B", ".", "..", "/", "a\x00"])
async def test_keys_that_no_path_can_hold_are_told_why(client: AsyncClient, code: str) -> None:
    answer = await client.post("/games", json=GAME | {"code": code})
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == "/code"
    assert fault["message"].endswith("should hold no slash and no NUL, and be neither . nor ..")


@pytest.mark.parametrize("code", ["...", "a.b", "..a", "\n", "a b"])
async def test_other_keys_lead_to_their_rows(client: AsyncClient, code: str) -> None:
    answer = await client.post("/games", json=GAME | {"code": code})
    assert answer.status_code == 201, answer.text
    assert (await client.get(answer.headers["location"])).json()["code"] == code


@pytest.mark.parametrize("sign", ["+", "%2B"])
async def test_the_plus_of_an_offset_may_be_left_as_it_is(client: AsyncClient, sign: str) -> None:
    await client.post("/games", json=GAME)
    for moment, found in (("01:00:00", 1), ("00:59:59.5", 1), ("00:59", 1), ("01:01", 0)):
        answer = await client.get(f"/games?begins_at__gte=2024-01-01T{moment}{sign}01:00")
        assert answer.status_code == 200, answer.text
        assert answer.json()["total"] == found, moment
    only_in_queries = GAME | {"code": "b", "begins_at": "2024-01-01T01:00:00 01:00"}
    assert (await client.post("/games", json=only_in_queries)).status_code == 422


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("begins_at", "9999-12-31T23:59:59.9Z", "9999-12-31T23:59:59Z"),
        ("opens", "23:59:59.999999", "23:59:59"),
        ("lasts", "PT1.9S", "PT1S"),
        ("lasts", "-PT1.9S", "-PT1S"),
        ("lasts", "-P1DT0.5S", "-P1D"),
    ],
)
async def test_fractions_of_seconds_are_cut_for_mysql(
    client: AsyncClient, name: str, sent: str, kept: str
) -> None:
    answer = await client.post("/games", json=GAME | {name: sent})
    assert answer.status_code == 201, answer.text
    assert answer.json()[name] == kept
