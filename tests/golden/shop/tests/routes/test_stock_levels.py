"""The routes of stock levels."""

from httpx import AsyncClient

from tests.factories.stock_levels import (
    STOCK_LEVEL_PATH,
    body_of_stock_level,
    make_stock_level,
    url_of_stock_level,
)
from tests.samples import Json, create, in_order, items, short_text, text, url


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_stock_level(client)
    answer = await client.post(STOCK_LEVEL_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient) -> None:
    defaults: dict[str, object] = {
        "reserved": 0,
    }
    body = await body_of_stock_level(client)
    sent = {name: value for name, value in body.items() if name not in defaults}
    created = await create(client, STOCK_LEVEL_PATH, sent)
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_stock_level(client)
    for name in ["warehouse_code", "product_sku"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(STOCK_LEVEL_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("quantity", 2**31),
        ("reserved", 2**31),
        ("created_at", None),
        ("updated_at", None),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(STOCK_LEVEL_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, STOCK_LEVEL_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_stock_level(client) for _ in range(3)]
    first = (await client.get(STOCK_LEVEL_PATH, params={"limit": 2})).json()
    second = (await client.get(STOCK_LEVEL_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(STOCK_LEVEL_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_stock_level(client)
    for name in ["warehouse_code", "product_sku", "quantity", "reserved"]:
        assert in_order([row[name] for row in await items(client, STOCK_LEVEL_PATH, sort=name)]), (
            name
        )
    for name in ["warehouse_code"]:
        rising = [row[name] for row in await items(client, STOCK_LEVEL_PATH, sort=name)]
        falling = [row[name] for row in await items(client, STOCK_LEVEL_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(STOCK_LEVEL_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_stock_level(client), await make_stock_level(client)
    for name in ["warehouse_code", "product_sku", "quantity", "reserved"]:
        found = await items(client, STOCK_LEVEL_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["quantity", "reserved"]:
        assert await items(client, STOCK_LEVEL_PATH, **{f"{name}__lte": first[name]}) == [first], (
            name
        )
        assert await items(client, STOCK_LEVEL_PATH, **{f"{name}__gte": second[name]}) == [
            second
        ], name


async def test_update(client: AsyncClient) -> None:
    row = await make_stock_level(client)
    unchanged = await client.patch(url_of_stock_level(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_stock_level(client)
    for name in ["quantity", "reserved"]:
        answer = await client.patch(url_of_stock_level(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["warehouse_code", "product_sku", "created_at", "updated_at", "no such column"]:
        answer = await client.patch(url_of_stock_level(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_stock_level(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_stock_level(client)
    assert (await client.delete(url_of_stock_level(row))).status_code == 204
    assert (await client.get(url_of_stock_level(row))).status_code == 404
    assert await items(client, STOCK_LEVEL_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(STOCK_LEVEL_PATH, short_text(0, 6), text("product-sku", 0))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_stock_level(client)
    for names in [["warehouse_code", "product_sku"]]:
        body = await body_of_stock_level(client) | {name: row[name] for name in names}
        answer = await client.post(STOCK_LEVEL_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, STOCK_LEVEL_PATH) == [row]


async def test_unknown_references_are_refused(client: AsyncClient) -> None:
    references: list[Json] = [
        {"warehouse_code": short_text(0, 6)},
        {"product_sku": text("sku", 0)},
    ]
    for reference in references:
        body = await body_of_stock_level(client) | reference
        answer = await client.post(STOCK_LEVEL_PATH, json=body)
        assert answer.status_code == 422, reference
    assert await items(client, STOCK_LEVEL_PATH) == []
