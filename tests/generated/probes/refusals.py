"""Put into the project of `refusals.json`: what a database refuses is answered as what it is."""

from __future__ import annotations

from typing import Any

import pytest
from app.core import rows
from app.core.database import get_session
from app.core.integrity import refusal
from app.main import app
from httpx import AsyncClient
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.ext.asyncio import AsyncSession


async def made(client: AsyncClient, path: str, **values: object) -> int:
    answer = await client.post(path, json=values)
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["id"]
    return number


async def test_what_others_refer_to_stays_as_it_is(client: AsyncClient) -> None:
    team = await made(client, "/teams", code="a")
    await made(client, "/members", team_code="a")
    answer = await client.patch(f"/teams/{team}", json={"code": "b"})
    assert answer.status_code == 409, answer.text
    assert answer.json()["detail"] == "Others still refer to it."
    assert not answer.json()["errors"]


async def test_duplicates_are_pointed_at(client: AsyncClient) -> None:
    await made(client, "/teams", code="a")
    answer = await client.post("/teams", json={"code": "a"})
    assert answer.status_code == 409
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/code"]


async def test_what_was_sent_names_no_columns(client: AsyncClient) -> None:
    code = "x' for column 'id"
    await made(client, "/teams", code=code)
    answer = await client.post("/teams", json={"code": code})
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/code"]


async def test_a_reference_that_vanishes_is_not_one_of_others(
    client: AsyncClient, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(client, "/teams", code="a")
    member = await made(client, "/members", team_code="a")

    async def see_it_yet(*_: object) -> None:
        pass

    monkeypatch.setattr(rows, "check_references", see_it_yet)
    answer = await client.patch(f"/members/{member}", json={"team_code": "b"})
    # SQLite does not tell which one it is
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    assert answer.status_code == (409 if on_sqlite else 422), answer.text


async def test_links_are_made_by_two_at_once(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = f"/teams/{await made(client, '/teams', code='a')}/cups/{await made(client, '/cups')}"
    assert (await client.put(link)).status_code == 204
    look = AsyncSession.scalar
    unseen = [None]

    async def look_too_early(session: AsyncSession, *wanted: Any) -> Any:
        return unseen.pop() if unseen else await look(session, *wanted)

    monkeypatch.setattr(AsyncSession, "scalar", look_too_early)
    assert (await client.put(link)).status_code == 204
    assert not unseen


@pytest.mark.parametrize("error", [ConnectionRefusedError(), NoConnectionError()])
async def test_databases_out_of_reach_are_said_to_be(client: AsyncClient, error: Exception) -> None:
    class Unreachable:
        async def execute(self, *_: object) -> None:
            raise error

        scalar = scalars = execute

    app.dependency_overrides[get_session] = Unreachable
    paths = ["/health", "/teams"] if isinstance(error, NoConnectionError) else ["/health"]
    for path in paths:
        answer = await client.get(path)
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"] == "1"


async def test_spans_are_shown_in_days(client: AsyncClient) -> None:
    for sent, shown in {"P52W": "P364D", "P10000W": "P70000D", "-PT90S": "-PT1M30S"}.items():
        answer = await client.post("/teams", json={"code": sent, "longest_game": sent})
        assert answer.json()["longest_game"] == shown


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (("22001", "[22001] [FreeTDS][SQL Server]Too long. (2628) (SQLExecDirectW)"), "refused"),
        (("42000", "[42000] [FreeTDS][SQL Server]Too long. (8152) (SQLExecDirectW)"), "refused"),
        (("22003", "[22003] [FreeTDS][SQL Server]Overflow. (8115) (SQLExecDirectW)"), "refused"),
        (("22003", "[22003] [FreeTDS][SQL Server]It is in no list."), "refused"),
        (("23000", "conflicted with the CHECK constraint. (547) (SQLExecDirectW)"), "refused"),
        (("23000", "conflicted with the FOREIGN KEY. (547) (SQLExecDirectW)"), "reference"),
        (("23000", "Violation of UNIQUE KEY. (2627) (SQLExecDirectW)"), "unique"),
        (("40001", "Deadlocked."), "busy"),
    ],
)
def test_what_sql_server_says_is_understood(said: tuple[str, str], code: str) -> None:
    refused = refusal(DBAPIError("INSERT", None, Exception(*said)), "POST")
    assert (refused and refused.code) == code
