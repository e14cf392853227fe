"""The routes of rooms."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.rooms import RoomQuery
from tests.factories.appointments import make_appointment
from tests.factories.rooms import ROOM_PATH, body_of_room, make_room, url_of_room
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
from tests.samples import short_text


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_room(session)
    answer = await client.post(ROOM_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.Room)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "has_sink": True,
    }
    body = await body_of_room(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(ROOM_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_room(session)
    misfits: Json = {
        "number": "x" * 9,
        "floor": 2**15,
        "has_sink": "yes",
        "no such column": 1,
    }
    answer = await client.post(ROOM_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(ROOM_PATH, json={})
    assert faults(nothing) == {"number", "floor"}
    assert await stored(session, models.Room) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_room(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(ROOM_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(ROOM_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(ROOM_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_room(session)
    names = ["number", "floor", "has_sink"]
    rows = await items(client, ROOM_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Room, RoomQuery, sort=",".join(names))
    for name in ["number", "floor", "has_sink"]:
        falling = await column_sorted(session, models.Room, RoomQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["number"]:
        rising = await column_sorted(session, models.Room, RoomQuery, name, name)
        falling = await column_sorted(session, models.Room, RoomQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_room(session), await make_room(session)
    same: dict[str, str] = {
        "number": "number",
        "floor": "floor",
        "has_sink": "has_sink",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, ROOM_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Room, RoomQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    names = ["floor"]
    asked = [
        {f"{name}__gte": row[name], f"{name}__lte": row[name]}
        for name in names
        for row in (first, second)
    ]
    shown = await listed(session, models.Room, RoomQuery, asked)
    assert shown == [[first], [second]] * len(names)
    parts = {name: first[name][1:] or first[name] for name in ["number"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Room, RoomQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, ROOM_PATH, number__contains="%") == []


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_room(session)
    unchanged = await client.patch(url_of_room(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_room(session)
    names = ["floor", "has_sink"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_room(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert row in await stored(session, models.Room)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_room(session)
    kept = {name: row.get(name) for name in ["number", "no such column"]}
    nulls = dict.fromkeys(["floor", "has_sink"])
    answer = await client.patch(url_of_room(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Room)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_room(session)
    assert (await client.delete(url_of_room(row))).status_code == 204
    assert (await client.get(url_of_room(row))).status_code == 404
    assert row not in await stored(session, models.Room)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(ROOM_PATH, short_text(0, 6))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_room(session)
    for names in [["number"]]:
        body = await body_of_room(session) | {name: row[name] for name in names}
        answer = await client.post(ROOM_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Room) == [row]


async def test_delete_with_appointments_by_room_number(
    client: AsyncClient, session: AsyncSession
) -> None:
    row = await make_room(session)
    referring = {"room_number": row["number"]}
    child = await make_appointment(session, **referring)
    answer = await client.delete(url_of_room(row))
    assert answer.status_code == 204
    assert child | dict.fromkeys(referring) in await stored(session, models.Appointment)
