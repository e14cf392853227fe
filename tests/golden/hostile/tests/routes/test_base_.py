"""The routes of base."""

from httpx import AsyncClient

from tests.factories.base_ import BASE_PATH, body_of_base, make_base, url_of_base
from tests.samples import Json, items, url


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_base(client)
    answer = await client.post(BASE_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_base(client)
    misfits: list[tuple[str, object]] = [
        ("id", None),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(BASE_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, BASE_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_base(client) for _ in range(3)]
    first = (await client.get(BASE_PATH, params={"limit": 2})).json()
    second = (await client.get(BASE_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(BASE_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_base(client)
    answer = await client.get(BASE_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_update(client: AsyncClient) -> None:
    row = await make_base(client)
    unchanged = await client.patch(url_of_base(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_base(client)
    for name in ["id", "no such column"]:
        answer = await client.patch(url_of_base(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_base(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_base(client)
    assert (await client.delete(url_of_base(row))).status_code == 204
    assert (await client.get(url_of_base(row))).status_code == 404
    assert await items(client, BASE_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(BASE_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_unknown_references_are_refused(client: AsyncClient) -> None:
    references: list[Json] = [
        {"request_id": 0},
    ]
    for reference in references:
        body = await body_of_base(client) | reference
        answer = await client.post(BASE_PATH, json=body)
        assert answer.status_code == 422, reference
    assert await items(client, BASE_PATH) == []
