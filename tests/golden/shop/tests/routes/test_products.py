"""The routes of products."""

from httpx import AsyncClient
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.products import ProductQuery
from tests.factories.categories import make_category
from tests.factories.order_lines import make_order_line
from tests.factories.orders import make_order
from tests.factories.products import PRODUCT_PATH, body_of_product, make_product, url_of_product
from tests.factories.stock_levels import make_stock_level
from tests.rows import (
    LONG_AGO,
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
from tests.samples import text


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_product(session)
    answer = await client.post(PRODUCT_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert is_recent(created["created_at"])
    assert is_recent(created["updated_at"])
    assert created in await stored(session, models.Product)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "details": {},
        "vat_rate": "0.190",
        "weight_kg": None,
        "discontinued": False,
    }
    body = await body_of_product(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(PRODUCT_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_product(session)
    misfits: Json = {
        "sku": "x" * 33,
        "title": "x" * 201,
        "details": ["\x00"],
        "price": "1e40",
        "vat_rate": "1e40",
        "weight_kg": "NaN",
        "discontinued": "yes",
        "created_at": None,
        "updated_at": None,
        "no such column": 1,
    }
    answer = await client.post(PRODUCT_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(PRODUCT_PATH, json={})
    assert faults(nothing) == {"sku", "title", "price"}
    assert await stored(session, models.Product) == []


async def test_json_is_bounded(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_product(session)
    for name in ["details"]:
        answer = await client.post(PRODUCT_PATH, json=body | {name: "x" * 1_000_000})
        assert faults(answer) == {name}


async def test_checks_are_kept(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_product(session)
    broken: list[Json] = [
        {"price": "-0.01"},
        {"vat_rate": "-0.001"},
        {"weight_kg": 0},
    ]
    for values in broken:
        answer = await client.post(PRODUCT_PATH, json=body | values)
        assert answer.status_code == 422, values
    assert await stored(session, models.Product) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_product(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(PRODUCT_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(PRODUCT_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(PRODUCT_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_product(session)
    names = ["sku", "title", "price", "vat_rate", "weight_kg", "discontinued"]
    rows = await items(client, PRODUCT_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Product, ProductQuery, sort=",".join(names))
    for name in ["sku", "title", "weight_kg", "discontinued"]:
        falling = await column_sorted(session, models.Product, ProductQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["sku", "price", "vat_rate"]:
        rising = await column_sorted(session, models.Product, ProductQuery, name, name)
        falling = await column_sorted(session, models.Product, ProductQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_product(session), await make_product(session)
    same: dict[str, str] = {
        "sku": "sku",
        "title": "title",
        "price": "price",
        "vat_rate": "vat_rate",
        "weight_kg": "weight_kg",
        "discontinued": "discontinued",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, PRODUCT_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Product, ProductQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    names = ["price", "weight_kg"]
    asked = [
        {f"{name}__gte": row[name], f"{name}__lte": row[name]}
        for name in names
        for row in (first, second)
    ]
    shown = await listed(session, models.Product, ProductQuery, asked)
    assert shown == [[first], [second]] * len(names)
    parts = {name: first[name][1:] or first[name] for name in ["sku", "title"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Product, ProductQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, PRODUCT_PATH, sku__contains="%") == []


async def test_empty_columns(client: AsyncClient, session: AsyncSession) -> None:
    names = ["details", "weight_kg"]
    full = await make_product(session)
    empty = await make_product(session, **dict.fromkeys(names))
    assert {name: empty[name] for name in names} == dict.fromkeys(names)
    asked: list[Json] = [{f"{name}__isnull": True} for name in names]
    null = await listed(session, models.Product, ProductQuery, asked)
    assert null == [[empty]] * len(names)
    for value, row in ((True, empty), (False, full)):
        all_of_them = {f"{name}__isnull": value for name in names}
        assert await items(client, PRODUCT_PATH, **all_of_them) == [row]


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_product(session)
    unchanged = await client.patch(url_of_product(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_product(session)
    names = ["title", "details", "price", "vat_rate", "weight_kg", "discontinued"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_product(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert row in await stored(session, models.Product)


async def test_update_from_1_to_true(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_product(session)
    for name in ["details"]:
        for value in ({"n": 1}, {"n": True}):
            await client.patch(url_of_product(row), json={name: value})
            found = (await client.get(url_of_product(row))).json()
            assert repr(found[name]) == repr(value)


async def test_updated_at_moves_on(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_product(session)
    await session.execute(update(models.Product).values(updated_at=LONG_AGO))
    name = "title"
    changes = {name: (await body_of_product(session))[name]}
    changed = await client.patch(url_of_product(row), json=changes)
    assert is_recent(changed.json()["updated_at"])


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_product(session)
    kept = {name: row.get(name) for name in ["sku", "created_at", "updated_at", "no such column"]}
    nulls = dict.fromkeys(["title", "price", "vat_rate", "discontinued"])
    answer = await client.patch(url_of_product(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Product)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_product(session)
    assert (await client.delete(url_of_product(row))).status_code == 204
    assert (await client.get(url_of_product(row))).status_code == 404
    assert row not in await stored(session, models.Product)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(PRODUCT_PATH, text("sku", 0))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_product(session)
    for names in [["sku"]]:
        body = await body_of_product(session) | {name: row[name] for name in names}
        answer = await client.post(PRODUCT_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Product) == [row]


async def test_delete_with_order_lines_by_product_sku(
    client: AsyncClient, session: AsyncSession
) -> None:
    row = await make_product(session)
    referring = {"product_sku": row["sku"]}
    child = await make_order_line(session, **referring)
    answer = await client.delete(url_of_product(row))
    assert answer.status_code == 409
    assert row in await stored(session, models.Product)
    assert child in await stored(session, models.OrderLine)


async def test_delete_with_stock_levels_by_product_sku(
    client: AsyncClient, session: AsyncSession
) -> None:
    row = await make_product(session)
    referring = {"product_sku": row["sku"]}
    child = await make_stock_level(session, **referring)
    answer = await client.delete(url_of_product(row))
    assert answer.status_code == 204
    assert child not in await stored(session, models.StockLevel)


async def test_links_to_orders(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_product(session)
    links = f"{url_of_product(row)}/orders"
    assert await items(client, links) == []
    other = await make_order(session)
    linking = {"product_sku": row["sku"], "order_id": other["id"]}
    await make_order_line(session, **linking)
    assert await items(client, links) == [other]
    assert (row, [other]) in await related(session, models.Product.orders)
    assert (other, [row]) in await related(session, models.Order.products)


async def test_links_to_categories(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_product(session)
    links = f"{url_of_product(row)}/categories"
    assert await items(client, links) == []
    other = await make_category(session)
    link = url(links, other["id"])
    for _ in range(2):
        assert (await client.put(link)).status_code == 204
        assert await items(client, links) == [other]
    assert (row, [other]) in await related(session, models.Product.categories)
    assert (other, [row]) in await related(session, models.Category.products)
    assert (await client.delete(link)).status_code == 204
    assert await items(client, links) == []
    assert (await client.delete(link)).status_code == 404
    unknown = url(links, 0)
    assert (await client.put(unknown)).status_code == 404
