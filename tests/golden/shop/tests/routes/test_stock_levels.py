"""The routes of stock levels."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.stock_levels import StockLevelQuery
from tests.factories.products import make_product
from tests.factories.stock_levels import (
    STOCK_LEVEL_PATH,
    body_of_stock_level,
    make_stock_level,
    url_of_stock_level,
)
from tests.factories.warehouses import make_warehouse
from tests.rows import (
    Json,
    column_sorted,
    faults,
    in_order,
    is_recent,
    items,
    listed,
    related,
    selected,
    stored,
    url,
)
from tests.samples import short_text, text


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_stock_level(session)
    answer = await client.post(STOCK_LEVEL_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert is_recent(created["created_at"])
    assert is_recent(created["updated_at"])
    assert created in await stored(session, models.StockLevel)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "reserved": 0,
    }
    body = await body_of_stock_level(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(STOCK_LEVEL_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_stock_level(session)
    misfits: Json = {
        "quantity": 2**31,
        "reserved": 2**31,
        "created_at": None,
        "updated_at": None,
        "no such column": 1,
    }
    answer = await client.post(STOCK_LEVEL_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(STOCK_LEVEL_PATH, json={})
    assert faults(nothing) == {"warehouse_code", "product_sku"}
    assert await stored(session, models.StockLevel) == []


async def test_checks_are_kept(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_stock_level(session)
    broken: list[Json] = [
        {"quantity": 0, "reserved": 1},
    ]
    for values in broken:
        answer = await client.post(STOCK_LEVEL_PATH, json=body | values)
        assert answer.status_code == 422, values
    assert await stored(session, models.StockLevel) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_stock_level(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(STOCK_LEVEL_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(STOCK_LEVEL_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(STOCK_LEVEL_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_stock_level(session)
    names = ["warehouse_code", "product_sku", "quantity", "reserved"]
    rows = await items(client, STOCK_LEVEL_PATH, sort=",".join(names))
    assert rows == await selected(session, models.StockLevel, StockLevelQuery, sort=",".join(names))
    for name in ["warehouse_code", "product_sku", "quantity", "reserved"]:
        falling = await column_sorted(session, models.StockLevel, StockLevelQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["warehouse_code"]:
        rising = await column_sorted(session, models.StockLevel, StockLevelQuery, name, name)
        falling = await column_sorted(session, models.StockLevel, StockLevelQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_stock_level(session), await make_stock_level(session)
    same: dict[str, str] = {
        "warehouse_code": "warehouse_code",
        "product_sku": "product_sku",
        "quantity": "quantity",
        "reserved": "reserved",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, STOCK_LEVEL_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.StockLevel, StockLevelQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    names = ["quantity", "reserved"]
    asked = [
        {f"{name}__gte": row[name], f"{name}__lte": row[name]}
        for name in names
        for row in (first, second)
    ]
    shown = await listed(session, models.StockLevel, StockLevelQuery, asked)
    assert shown == [[first], [second]] * len(names)


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_stock_level(session)
    unchanged = await client.patch(url_of_stock_level(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_stock_level(session)
    kept = {
        name: row.get(name)
        for name in ["warehouse_code", "product_sku", "created_at", "updated_at", "no such column"]
    }
    nulls = dict.fromkeys(["quantity", "reserved"])
    answer = await client.patch(url_of_stock_level(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.StockLevel)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_stock_level(session)
    assert (await client.delete(url_of_stock_level(row))).status_code == 204
    assert (await client.get(url_of_stock_level(row))).status_code == 404
    assert row not in await stored(session, models.StockLevel)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(STOCK_LEVEL_PATH, short_text(0, 6), text("product-sku", 0))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_stock_level(session)
    for names in [["warehouse_code", "product_sku"]]:
        body = await body_of_stock_level(session) | {name: row[name] for name in names}
        answer = await client.post(STOCK_LEVEL_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.StockLevel) == [row]


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"warehouse_code": short_text(0, 6)},
        {"product_sku": text("sku", 0)},
    ]
    for reference in references:
        body = await body_of_stock_level(session) | reference
        answer = await client.post(STOCK_LEVEL_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.StockLevel) == []


async def test_relationship_warehouse(session: AsyncSession) -> None:
    other = await make_warehouse(session)
    referring = {"warehouse_code": other["code"]}
    row = await make_stock_level(session, **referring)
    assert (row, [other]) in await related(session, models.StockLevel.warehouse)
    assert (other, [row]) in await related(session, models.Warehouse.stock_levels)


async def test_relationship_product(session: AsyncSession) -> None:
    other = await make_product(session)
    referring = {"product_sku": other["sku"]}
    row = await make_stock_level(session, **referring)
    assert (row, [other]) in await related(session, models.StockLevel.product)
    assert (other, [row]) in await related(session, models.Product.stock_levels)
