"""The routes of rooms."""

from httpx import AsyncClient

from tests.factories.appointments import make_appointment, url_of_appointment
from tests.factories.rooms import ROOM_PATH, body_of_room, make_room, url_of_room
from tests.samples import create, in_order, items, short_text, url


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_room(client)
    answer = await client.post(ROOM_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient) -> None:
    defaults: dict[str, object] = {
        "has_sink": True,
    }
    body = await body_of_room(client)
    sent = {name: value for name, value in body.items() if name not in defaults}
    created = await create(client, ROOM_PATH, sent)
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_room(client)
    for name in ["number", "floor"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(ROOM_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("number", "x" * 9),
        ("floor", 2**15),
        ("has_sink", "yes"),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(ROOM_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, ROOM_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_room(client) for _ in range(3)]
    first = (await client.get(ROOM_PATH, params={"limit": 2})).json()
    second = (await client.get(ROOM_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(ROOM_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_room(client)
    for name in ["number", "floor", "has_sink"]:
        assert in_order([row[name] for row in await items(client, ROOM_PATH, sort=name)]), name
    for name in ["number"]:
        rising = [row[name] for row in await items(client, ROOM_PATH, sort=name)]
        falling = [row[name] for row in await items(client, ROOM_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(ROOM_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_room(client), await make_room(client)
    for name in ["number", "floor", "has_sink"]:
        found = await items(client, ROOM_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["floor"]:
        assert await items(client, ROOM_PATH, **{f"{name}__lte": first[name]}) == [first], name
        assert await items(client, ROOM_PATH, **{f"{name}__gte": second[name]}) == [second], name
    for name in ["number"]:
        found = await items(client, ROOM_PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, ROOM_PATH, number__contains="%") == []


async def test_update(client: AsyncClient) -> None:
    row = await make_room(client)
    unchanged = await client.patch(url_of_room(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_room(client)
    names = ["floor", "has_sink"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_room(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert (await client.get(url_of_room(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_room(client)
    for name in ["floor", "has_sink"]:
        answer = await client.patch(url_of_room(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["number", "no such column"]:
        answer = await client.patch(url_of_room(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_room(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_room(client)
    assert (await client.delete(url_of_room(row))).status_code == 204
    assert (await client.get(url_of_room(row))).status_code == 404
    assert await items(client, ROOM_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(ROOM_PATH, short_text(0, 6))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_room(client)
    for names in [["number"]]:
        body = await body_of_room(client) | {name: row[name] for name in names}
        answer = await client.post(ROOM_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, ROOM_PATH) == [row]


async def test_delete_with_appointments_by_room_number(client: AsyncClient) -> None:
    row = await make_room(client)
    referring = {"room_number": row["number"]}
    child = await make_appointment(client, **referring)
    answer = await client.delete(url_of_room(row))
    assert answer.status_code == 204
    left = (await client.get(url_of_appointment(child))).json()
    assert left == child | dict.fromkeys(referring)
