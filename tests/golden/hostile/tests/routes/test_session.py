"""The routes of session."""

from httpx import AsyncClient

from tests.factories.base_ import make_base, url_of_base
from tests.factories.session import SESSION_PATH, body_of_session, make_session, url_of_session
from tests.samples import create, in_order, items, url


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_session(client)
    answer = await client.post(SESSION_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient) -> None:
    defaults: dict[str, object] = {
        "request": None,
        "response": None,
        "db": None,
        "session": None,
    }
    body = await body_of_session(client)
    sent = {name: value for name, value in body.items() if name not in defaults}
    created = await create(client, SESSION_PATH, sent)
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_session(client)
    misfits: list[tuple[str, object]] = [
        ("request", "x" * 41),
        ("response", "x" * 41),
        ("db", "x" * 41),
        ("session", "x" * 41),
        ("id", None),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(SESSION_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, SESSION_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_session(client) for _ in range(3)]
    first = (await client.get(SESSION_PATH, params={"limit": 2})).json()
    second = (await client.get(SESSION_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(SESSION_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_session(client)
    for name in ["request", "response", "db", "session"]:
        assert in_order([row[name] for row in await items(client, SESSION_PATH, sort=name)]), name
    for name in ["request"]:
        rising = [row[name] for row in await items(client, SESSION_PATH, sort=name)]
        falling = [row[name] for row in await items(client, SESSION_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(SESSION_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_session(client), await make_session(client)
    for name in ["request", "response", "db", "session"]:
        found = await items(client, SESSION_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["request", "response", "db", "session"]:
        found = await items(client, SESSION_PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, SESSION_PATH, request__contains="%") == []


async def test_empty_columns(client: AsyncClient) -> None:
    names = ["request", "response", "db", "session"]
    full = await make_session(client)
    empty = await make_session(client, **dict.fromkeys(names))
    for name in names:
        assert await items(client, SESSION_PATH, **{f"{name}__isnull": True}) == [empty], name
        assert await items(client, SESSION_PATH, **{f"{name}__isnull": False}) == [full], name


async def test_update(client: AsyncClient) -> None:
    row = await make_session(client)
    unchanged = await client.patch(url_of_session(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_session(client)
    names = ["request", "response", "db", "session"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_session(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert (await client.get(url_of_session(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_session(client)
    for name in ["id", "no such column"]:
        answer = await client.patch(url_of_session(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_session(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_session(client)
    assert (await client.delete(url_of_session(row))).status_code == 204
    assert (await client.get(url_of_session(row))).status_code == 404
    assert await items(client, SESSION_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(SESSION_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_delete_with_base__by_request_id(client: AsyncClient) -> None:
    row = await make_session(client)
    referring = {"request_id": row["id"]}
    child = await make_base(client, **referring)
    answer = await client.delete(url_of_session(row))
    assert answer.status_code == 204
    left = (await client.get(url_of_base(child))).json()
    assert left == child | dict.fromkeys(referring)
