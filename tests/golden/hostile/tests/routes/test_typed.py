"""The routes of typed."""

from httpx import AsyncClient

from tests.factories.typed import TYPED_PATH, body_of_typed, make_typed, url_of_typed
from tests.samples import Json, items, url, uuid


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_typed(client)
    answer = await client.post(TYPED_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_typed(client)
    for name in ["order_id"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(TYPED_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(TYPED_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, TYPED_PATH) == []


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_typed(client), await make_typed(client)
    for name in ["order_id", "kind"]:
        found = await items(client, TYPED_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name


async def test_update(client: AsyncClient) -> None:
    row = await make_typed(client)
    unchanged = await client.patch(url_of_typed(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_typed(client)
    names = ["kind"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_typed(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert (await client.get(url_of_typed(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_typed(client)
    for name in ["kind"]:
        answer = await client.patch(url_of_typed(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["order_id", "no such column"]:
        answer = await client.patch(url_of_typed(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_typed(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_typed(client)
    assert (await client.delete(url_of_typed(row))).status_code == 204
    assert (await client.get(url_of_typed(row))).status_code == 404
    assert await items(client, TYPED_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(TYPED_PATH, uuid(0))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_typed(client)
    for names in [["order_id"]]:
        body = await body_of_typed(client) | {name: row[name] for name in names}
        answer = await client.post(TYPED_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, TYPED_PATH) == [row]


async def test_unknown_references_are_refused(client: AsyncClient) -> None:
    references: list[Json] = [
        {"order_id": uuid(0)},
    ]
    for reference in references:
        body = await body_of_typed(client) | reference
        answer = await client.post(TYPED_PATH, json=body)
        assert answer.status_code == 422, reference
    assert await items(client, TYPED_PATH) == []
