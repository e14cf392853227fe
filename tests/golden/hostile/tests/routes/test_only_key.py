"""The routes of only keys."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.only_key import OnlyKeyQuery
from tests.factories.only_key import ONLY_KEY_PATH, body_of_only_key, make_only_key, url_of_only_key
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
    body = await body_of_only_key(session)
    answer = await client.post(ONLY_KEY_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.OnlyKey)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "note": None,
    }
    body = await body_of_only_key(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(ONLY_KEY_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_only_key(session)
    misfits: Json = {
        "note": "\x00",
        "id": None,
        "no such column": 1,
    }
    answer = await client.post(ONLY_KEY_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    assert await stored(session, models.OnlyKey) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_only_key(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(ONLY_KEY_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(ONLY_KEY_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(ONLY_KEY_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_only_key(session)
    names = ["note"]
    rows = await items(client, ONLY_KEY_PATH, sort=",".join(names))
    assert rows == await selected(session, models.OnlyKey, OnlyKeyQuery, sort=",".join(names))
    for name in ["note"]:
        falling = await column_sorted(session, models.OnlyKey, OnlyKeyQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["note"]:
        rising = await column_sorted(session, models.OnlyKey, OnlyKeyQuery, name, name)
        falling = await column_sorted(session, models.OnlyKey, OnlyKeyQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_only_key(session), await make_only_key(session)
    same: dict[str, str] = {
        "note": "note",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, ONLY_KEY_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.OnlyKey, OnlyKeyQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    parts = {name: first[name][1:] or first[name] for name in ["note"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.OnlyKey, OnlyKeyQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, ONLY_KEY_PATH, note__contains="%") == []


async def test_empty_columns(client: AsyncClient, session: AsyncSession) -> None:
    names = ["note"]
    full = await make_only_key(session)
    empty = await make_only_key(session, **dict.fromkeys(names))
    assert {name: empty[name] for name in names} == dict.fromkeys(names)
    asked: list[Json] = [{f"{name}__isnull": True} for name in names]
    null = await listed(session, models.OnlyKey, OnlyKeyQuery, asked)
    assert null == [[empty]] * len(names)
    for value, row in ((True, empty), (False, full)):
        all_of_them = {f"{name}__isnull": value for name in names}
        assert await items(client, ONLY_KEY_PATH, **all_of_them) == [row]


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_only_key(session)
    unchanged = await client.patch(url_of_only_key(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_only_key(session)
    names = ["note"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_only_key(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert row in await stored(session, models.OnlyKey)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_only_key(session)
    kept = {name: row.get(name) for name in ["id", "no such column"]}
    answer = await client.patch(url_of_only_key(row), json=kept)
    assert faults(answer) == set(kept)
    assert row in await stored(session, models.OnlyKey)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_only_key(session)
    assert (await client.delete(url_of_only_key(row))).status_code == 204
    assert (await client.get(url_of_only_key(row))).status_code == 404
    assert row not in await stored(session, models.OnlyKey)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(ONLY_KEY_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404
