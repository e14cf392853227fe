"""The routes of bases."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.base_ import BaseQuery
from tests.factories.base_ import BASE_PATH, body_of_base, make_base, url_of_base
from tests.factories.session import make_session
from tests.rows import (
    Json,
    faults,
    items,
    listed,
    related,
    stored,
    url,
)


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_base(session)
    answer = await client.post(BASE_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.Base)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_base(session)
    misfits: Json = {
        "id": None,
        "no such column": 1,
    }
    answer = await client.post(BASE_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    assert await stored(session, models.Base) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_base(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(BASE_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(BASE_PATH, params={"limit": 2, "offset": 2})).json()
    assert len(statements) == 2 * asked, "as many queries for one row as for two"
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    wrong: dict[str, str | int] = {
        "limit": 101,
        "offset": -1,
        "sort": "no such column",
        "no such column": 1,
    }
    assert faults(await client.get(BASE_PATH, params=wrong)) == set(wrong)


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_base(session)
    unchanged = await client.patch(url_of_base(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_base(session)
    kept = {name: row.get(name) for name in ["id", "no such column"]}
    answer = await client.patch(url_of_base(row), json=kept)
    assert faults(answer) == set(kept)
    assert row in await stored(session, models.Base)


async def test_optional_references(client: AsyncClient, session: AsyncSession) -> None:
    referring: Json = {}
    parent = await make_session(session)
    referring |= {"request_id": parent["id"]}
    row = await make_base(session, **referring)
    for changes, is_null in ((dict.fromkeys(referring), True), (referring, False)):
        answer = await client.patch(url_of_base(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
        asked: list[Json] = [
            {f"{name}__isnull": value}
            for name in ["request_id"]
            for value in (is_null, not is_null)
        ]
        shown = await listed(session, models.Base, BaseQuery, asked)
        assert [row in found for found in shown] == [True, False] * (len(asked) // 2)
    same = {"request_id": row["request_id"]}
    each = [{parameter: value} for parameter, value in same.items()]
    assert await listed(session, models.Base, BaseQuery, each) == [[row]] * len(each)
    assert await items(client, BASE_PATH, **same) == [row]


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_base(session)
    assert (await client.delete(url_of_base(row))).status_code == 204
    assert (await client.get(url_of_base(row))).status_code == 404
    assert row not in await stored(session, models.Base)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(BASE_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"request_id": 0},
    ]
    for reference in references:
        body = await body_of_base(session) | reference
        answer = await client.post(BASE_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.Base) == []


async def test_relationship_request(session: AsyncSession) -> None:
    other = await make_session(session)
    referring = {"request_id": other["id"]}
    row = await make_base(session, **referring)
    assert (row, [other]) in await related(session, models.Base.request)
    assert (other, [row]) in await related(session, models.Session.base_)
