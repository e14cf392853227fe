"""The routes of sessions."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.session import SessionQuery
from tests.factories.base_ import make_base
from tests.factories.session import SESSION_PATH, body_of_session, make_session, url_of_session
from tests.rows import (
    Json,
    column_sorted,
    faults,
    in_order,
    items,
    listed,
    selected,
    stored,
    url,
)


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_session(session)
    answer = await client.post(SESSION_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.Session)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "request": None,
        "response": None,
        "db": None,
        "session": None,
    }
    body = await body_of_session(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(SESSION_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_session(session)
    misfits: Json = {
        "request": "x" * 41,
        "response": "x" * 41,
        "db": "x" * 41,
        "session": "x" * 41,
        "id": None,
        "no such column": 1,
    }
    answer = await client.post(SESSION_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    assert await stored(session, models.Session) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_session(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(SESSION_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(SESSION_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(SESSION_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_session(session)
    names = ["request", "response", "db", "session"]
    rows = await items(client, SESSION_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Session, SessionQuery, sort=",".join(names))
    for name in ["request", "response", "db", "session"]:
        falling = await column_sorted(session, models.Session, SessionQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["request"]:
        rising = await column_sorted(session, models.Session, SessionQuery, name, name)
        falling = await column_sorted(session, models.Session, SessionQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_session(session), await make_session(session)
    same: dict[str, str] = {
        "request": "request",
        "response": "response",
        "db": "db",
        "session": "session",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, SESSION_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Session, SessionQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    parts = {
        name: first[name][1:] or first[name] for name in ["request", "response", "db", "session"]
    }
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Session, SessionQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, SESSION_PATH, request__contains="%") == []


async def test_empty_columns(client: AsyncClient, session: AsyncSession) -> None:
    names = ["request", "response", "db", "session"]
    full = await make_session(session)
    empty = await make_session(session, **dict.fromkeys(names))
    assert {name: empty[name] for name in names} == dict.fromkeys(names)
    asked: list[Json] = [{f"{name}__isnull": True} for name in names]
    null = await listed(session, models.Session, SessionQuery, asked)
    assert null == [[empty]] * len(names)
    for value, row in ((True, empty), (False, full)):
        all_of_them = {f"{name}__isnull": value for name in names}
        assert await items(client, SESSION_PATH, **all_of_them) == [row]


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_session(session)
    unchanged = await client.patch(url_of_session(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_session(session)
    names = ["request", "response", "db", "session"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_session(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert row in await stored(session, models.Session)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_session(session)
    kept = {name: row.get(name) for name in ["id", "no such column"]}
    answer = await client.patch(url_of_session(row), json=kept)
    assert faults(answer) == set(kept)
    assert row in await stored(session, models.Session)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_session(session)
    assert (await client.delete(url_of_session(row))).status_code == 204
    assert (await client.get(url_of_session(row))).status_code == 404
    assert row not in await stored(session, models.Session)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(SESSION_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_delete_with_base__by_request_id(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_session(session)
    referring = {"request_id": row["id"]}
    child = await make_base(session, **referring)
    answer = await client.delete(url_of_session(row))
    assert answer.status_code == 204
    assert child | dict.fromkeys(referring) in await stored(session, models.Base)
