"""The routes of order lines."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.order_lines import OrderLineQuery
from tests.factories.order_lines import (
    ORDER_LINE_PATH,
    body_of_order_line,
    make_order_line,
    url_of_order_line,
)
from tests.factories.orders import make_order
from tests.factories.products import make_product
from tests.factories.shipped_lines import make_shipped_line
from tests.rows import (
    Json,
    column_sorted,
    faults,
    in_order,
    items,
    listed,
    related,
    selected,
    stored,
    url,
)
from tests.samples import text


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_order_line(session)
    answer = await client.post(ORDER_LINE_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.OrderLine)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "quantity": 1,
    }
    body = await body_of_order_line(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(ORDER_LINE_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_order_line(session)
    misfits: Json = {
        "line_number": 2**15,
        "quantity": 2**31,
        "unit_price": "1e40",
        "no such column": 1,
    }
    answer = await client.post(ORDER_LINE_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(ORDER_LINE_PATH, json={})
    assert faults(nothing) == {"order_id", "line_number", "product_sku", "unit_price"}
    assert await stored(session, models.OrderLine) == []


async def test_checks_are_kept(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_order_line(session)
    broken: list[Json] = [
        {"quantity": 0},
        {"unit_price": "-0.01"},
    ]
    for values in broken:
        answer = await client.post(ORDER_LINE_PATH, json=body | values)
        assert answer.status_code == 422, values
    assert await stored(session, models.OrderLine) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_order_line(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(ORDER_LINE_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(ORDER_LINE_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(ORDER_LINE_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_order_line(session)
    names = ["order_id", "line_number", "product_sku", "quantity", "unit_price"]
    rows = await items(client, ORDER_LINE_PATH, sort=",".join(names))
    assert rows == await selected(session, models.OrderLine, OrderLineQuery, sort=",".join(names))
    for name in ["order_id", "line_number", "product_sku", "quantity"]:
        falling = await column_sorted(session, models.OrderLine, OrderLineQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["order_id", "unit_price"]:
        rising = await column_sorted(session, models.OrderLine, OrderLineQuery, name, name)
        falling = await column_sorted(session, models.OrderLine, OrderLineQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_order_line(session), await make_order_line(session)
    same: dict[str, str] = {
        "order_id": "order_id",
        "line_number": "line_number",
        "product_sku": "product_sku",
        "quantity": "quantity",
        "unit_price": "unit_price",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, ORDER_LINE_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.OrderLine, OrderLineQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    names = ["quantity", "unit_price"]
    asked = [
        {f"{name}__gte": row[name], f"{name}__lte": row[name]}
        for name in names
        for row in (first, second)
    ]
    shown = await listed(session, models.OrderLine, OrderLineQuery, asked)
    assert shown == [[first], [second]] * len(names)


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_order_line(session)
    unchanged = await client.patch(url_of_order_line(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_order_line(session)
    names = ["product_sku", "quantity", "unit_price"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_order_line(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert row in await stored(session, models.OrderLine)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_order_line(session)
    kept = {name: row.get(name) for name in ["order_id", "line_number", "no such column"]}
    nulls = dict.fromkeys(["product_sku", "quantity", "unit_price"])
    answer = await client.patch(url_of_order_line(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.OrderLine)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_order_line(session)
    assert (await client.delete(url_of_order_line(row))).status_code == 204
    assert (await client.get(url_of_order_line(row))).status_code == 404
    assert row not in await stored(session, models.OrderLine)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(ORDER_LINE_PATH, 0, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_order_line(session)
    for names in [["order_id", "line_number"], ["order_id", "product_sku"]]:
        body = await body_of_order_line(session) | {name: row[name] for name in names}
        answer = await client.post(ORDER_LINE_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.OrderLine) == [row]


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"order_id": 0},
        {"product_sku": text("sku", 0)},
    ]
    for reference in references:
        body = await body_of_order_line(session) | reference
        answer = await client.post(ORDER_LINE_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.OrderLine) == []


async def test_relationship_order(session: AsyncSession) -> None:
    other = await make_order(session)
    referring = {"order_id": other["id"]}
    row = await make_order_line(session, **referring)
    assert (row, [other]) in await related(session, models.OrderLine.order)
    assert (other, [row]) in await related(session, models.Order.lines)


async def test_relationship_product(session: AsyncSession) -> None:
    other = await make_product(session)
    referring = {"product_sku": other["sku"]}
    row = await make_order_line(session, **referring)
    assert (row, [other]) in await related(session, models.OrderLine.product)
    assert (other, [row]) in await related(session, models.Product.order_lines)


async def test_delete_with_shipped_lines_by_order_id_and_line_number(
    client: AsyncClient, session: AsyncSession
) -> None:
    row = await make_order_line(session)
    referring = {"order_id": row["order_id"], "line_number": row["line_number"]}
    child = await make_shipped_line(session, **referring)
    answer = await client.delete(url_of_order_line(row))
    assert answer.status_code == 204
    assert child not in await stored(session, models.ShippedLine)
