"""The routes of warehouses."""

from httpx import AsyncClient

from tests.factories.stock_levels import make_stock_level, url_of_stock_level
from tests.factories.warehouses import (
    WAREHOUSE_PATH,
    body_of_warehouse,
    make_warehouse,
    url_of_warehouse,
)
from tests.samples import in_order, items, short_text, url


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_warehouse(client)
    answer = await client.post(WAREHOUSE_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_warehouse(client)
    for name in ["code", "city", "country"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(WAREHOUSE_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("code", "x" * 9),
        ("city", "x" * 81),
        ("country", "x" * 3),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(WAREHOUSE_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, WAREHOUSE_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_warehouse(client) for _ in range(3)]
    first = (await client.get(WAREHOUSE_PATH, params={"limit": 2})).json()
    second = (await client.get(WAREHOUSE_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(WAREHOUSE_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_warehouse(client)
    for name in ["code", "city", "country"]:
        assert in_order([row[name] for row in await items(client, WAREHOUSE_PATH, sort=name)]), name
    for name in ["code"]:
        rising = [row[name] for row in await items(client, WAREHOUSE_PATH, sort=name)]
        falling = [row[name] for row in await items(client, WAREHOUSE_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(WAREHOUSE_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_warehouse(client), await make_warehouse(client)
    for name in ["code", "city", "country"]:
        found = await items(client, WAREHOUSE_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["code", "city", "country"]:
        found = await items(client, WAREHOUSE_PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, WAREHOUSE_PATH, code__contains="%") == []


async def test_update(client: AsyncClient) -> None:
    row = await make_warehouse(client)
    unchanged = await client.patch(url_of_warehouse(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_warehouse(client)
    names = ["city", "country"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_warehouse(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert (await client.get(url_of_warehouse(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_warehouse(client)
    for name in ["city", "country"]:
        answer = await client.patch(url_of_warehouse(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["code", "no such column"]:
        answer = await client.patch(url_of_warehouse(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_warehouse(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_warehouse(client)
    assert (await client.delete(url_of_warehouse(row))).status_code == 204
    assert (await client.get(url_of_warehouse(row))).status_code == 404
    assert await items(client, WAREHOUSE_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(WAREHOUSE_PATH, short_text(0, 6))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_warehouse(client)
    for names in [["code"]]:
        body = await body_of_warehouse(client) | {name: row[name] for name in names}
        answer = await client.post(WAREHOUSE_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, WAREHOUSE_PATH) == [row]


async def test_delete_with_stock_levels_by_warehouse_code(client: AsyncClient) -> None:
    row = await make_warehouse(client)
    referring = {"warehouse_code": row["code"]}
    child = await make_stock_level(client, **referring)
    answer = await client.delete(url_of_warehouse(row))
    assert answer.status_code == 204
    assert (await client.get(url_of_stock_level(child))).status_code == 404
