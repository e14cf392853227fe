"""The routes of warehouses."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.warehouses import WarehouseQuery
from tests.factories.stock_levels import make_stock_level
from tests.factories.warehouses import (
    WAREHOUSE_PATH,
    body_of_warehouse,
    make_warehouse,
    url_of_warehouse,
)
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
    body = await body_of_warehouse(session)
    answer = await client.post(WAREHOUSE_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.Warehouse)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_warehouse(session)
    misfits: Json = {
        "code": "x" * 9,
        "city": "x" * 81,
        "country": "x" * 3,
        "no such column": 1,
    }
    answer = await client.post(WAREHOUSE_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(WAREHOUSE_PATH, json={})
    assert faults(nothing) == {"code", "city", "country"}
    assert await stored(session, models.Warehouse) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_warehouse(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(WAREHOUSE_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(WAREHOUSE_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(WAREHOUSE_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_warehouse(session)
    names = ["code", "city", "country"]
    rows = await items(client, WAREHOUSE_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Warehouse, WarehouseQuery, sort=",".join(names))
    for name in ["code", "city", "country"]:
        falling = await column_sorted(session, models.Warehouse, WarehouseQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["code"]:
        rising = await column_sorted(session, models.Warehouse, WarehouseQuery, name, name)
        falling = await column_sorted(session, models.Warehouse, WarehouseQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_warehouse(session), await make_warehouse(session)
    same: dict[str, str] = {
        "code": "code",
        "city": "city",
        "country": "country",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, WAREHOUSE_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Warehouse, WarehouseQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    parts = {name: first[name][1:] or first[name] for name in ["code", "city", "country"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Warehouse, WarehouseQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, WAREHOUSE_PATH, code__contains="%") == []


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_warehouse(session)
    unchanged = await client.patch(url_of_warehouse(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_warehouse(session)
    names = ["city", "country"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_warehouse(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert row in await stored(session, models.Warehouse)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_warehouse(session)
    kept = {name: row.get(name) for name in ["code", "no such column"]}
    nulls = dict.fromkeys(["city", "country"])
    answer = await client.patch(url_of_warehouse(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Warehouse)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_warehouse(session)
    assert (await client.delete(url_of_warehouse(row))).status_code == 204
    assert (await client.get(url_of_warehouse(row))).status_code == 404
    assert row not in await stored(session, models.Warehouse)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(WAREHOUSE_PATH, short_text(0, 6))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_warehouse(session)
    for names in [["code"]]:
        body = await body_of_warehouse(session) | {name: row[name] for name in names}
        answer = await client.post(WAREHOUSE_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Warehouse) == [row]


async def test_delete_with_stock_levels_by_warehouse_code(
    client: AsyncClient, session: AsyncSession
) -> None:
    row = await make_warehouse(session)
    referring = {"warehouse_code": row["code"]}
    child = await make_stock_level(session, **referring)
    answer = await client.delete(url_of_warehouse(row))
    assert answer.status_code == 204
    assert child not in await stored(session, models.StockLevel)
