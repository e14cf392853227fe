"""The routes of orders."""

from httpx import AsyncClient
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.orders import OrderQuery
from tests.factories.customers import make_customer, url_of_customer
from tests.factories.order_lines import make_order_line
from tests.factories.orders import ORDER_PATH, body_of_order, make_order, url_of_order
from tests.factories.payments import make_payment
from tests.factories.products import make_product
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


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_order(session)
    answer = await client.post(ORDER_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert is_recent(created["created_at"])
    assert is_recent(created["updated_at"])
    assert created in await stored(session, models.Order)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "status": "cart",
        "placed_at": None,
        "deliver_on": None,
        "note": None,
    }
    body = await body_of_order(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(ORDER_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_order(session)
    misfits: Json = {
        "reference": "no uuid",
        "status": "no such value",
        "placed_at": "0001-01-01T00:00:00+14:00",
        "deliver_on": "2024-02-30",
        "note": "\x00",
        "id": None,
        "created_at": None,
        "updated_at": None,
        "no such column": 1,
    }
    answer = await client.post(ORDER_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(ORDER_PATH, json={})
    assert faults(nothing) == {"customer_id", "reference"}
    assert await stored(session, models.Order) == []


async def test_checks_are_kept(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_order(session)
    broken: list[Json] = [
        {"status": "placed", "placed_at": None},
    ]
    for values in broken:
        answer = await client.post(ORDER_PATH, json=body | values)
        assert answer.status_code == 422, values
    assert await stored(session, models.Order) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_order(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(ORDER_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(ORDER_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(ORDER_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_order(session)
    names = ["customer_id", "reference", "status", "placed_at", "deliver_on", "note"]
    rows = await items(client, ORDER_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Order, OrderQuery, sort=",".join(names))
    for name in ["customer_id", "reference", "placed_at", "deliver_on", "note"]:
        falling = await column_sorted(session, models.Order, OrderQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["customer_id", "status"]:
        rising = await column_sorted(session, models.Order, OrderQuery, name, name)
        falling = await column_sorted(session, models.Order, OrderQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_order(session), await make_order(session)
    same: dict[str, str] = {
        "customer_id": "customer_id",
        "reference": "reference",
        "status": "status",
        "placed_at": "placed_at",
        "deliver_on": "deliver_on",
        "note": "note",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, ORDER_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Order, OrderQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    names = ["placed_at", "deliver_on"]
    asked = [
        {f"{name}__gte": row[name], f"{name}__lte": row[name]}
        for name in names
        for row in (first, second)
    ]
    shown = await listed(session, models.Order, OrderQuery, asked)
    assert shown == [[first], [second]] * len(names)
    parts = {name: first[name][1:] or first[name] for name in ["note"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Order, OrderQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, ORDER_PATH, note__contains="%") == []


async def test_empty_columns(client: AsyncClient, session: AsyncSession) -> None:
    names = ["deliver_on", "note"]
    full = await make_order(session)
    empty = await make_order(session, **dict.fromkeys(names))
    assert {name: empty[name] for name in names} == dict.fromkeys(names)
    asked: list[Json] = [{f"{name}__isnull": True} for name in names]
    null = await listed(session, models.Order, OrderQuery, asked)
    assert null == [[empty]] * len(names)
    for value, row in ((True, empty), (False, full)):
        all_of_them = {f"{name}__isnull": value for name in names}
        assert await items(client, ORDER_PATH, **all_of_them) == [row]


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_order(session)
    unchanged = await client.patch(url_of_order(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_order(session)
    names = ["customer_id", "reference", "deliver_on", "note"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_order(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert row in await stored(session, models.Order)


async def test_updated_at_moves_on(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_order(session)
    await session.execute(update(models.Order).values(updated_at=LONG_AGO))
    name = "customer_id"
    changes = {name: (await body_of_order(session))[name]}
    changed = await client.patch(url_of_order(row), json=changes)
    assert is_recent(changed.json()["updated_at"])


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_order(session)
    kept = {name: row.get(name) for name in ["id", "created_at", "updated_at", "no such column"]}
    nulls = dict.fromkeys(["customer_id", "reference", "status"])
    answer = await client.patch(url_of_order(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Order)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_order(session)
    assert (await client.delete(url_of_order(row))).status_code == 204
    assert (await client.get(url_of_order(row))).status_code == 404
    assert row not in await stored(session, models.Order)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(ORDER_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_order(session)
    for names in [["reference"]]:
        body = await body_of_order(session) | {name: row[name] for name in names}
        answer = await client.post(ORDER_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Order) == [row]


async def test_update_to_a_duplicate_is_a_conflict(
    client: AsyncClient, session: AsyncSession
) -> None:
    first, second = await make_order(session), await make_order(session)
    names = ["reference"]
    answer = await client.patch(url_of_order(second), json={name: first[name] for name in names})
    assert answer.status_code == 409
    assert second in await stored(session, models.Order)


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"customer_id": 0},
    ]
    for reference in references:
        body = await body_of_order(session) | reference
        answer = await client.post(ORDER_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.Order) == []


async def test_hidden_customer_id_is_refused(client: AsyncClient, session: AsyncSession) -> None:
    parent = await make_customer(session)
    referring = {"customer_id": parent["id"]}
    assert (await client.delete(url_of_customer(parent))).status_code == 204
    body = await body_of_order(session) | referring
    assert faults(await client.post(ORDER_PATH, json=body)) == set(referring)


async def test_relationship_customer(session: AsyncSession) -> None:
    other = await make_customer(session)
    referring = {"customer_id": other["id"]}
    row = await make_order(session, **referring)
    assert (row, [other]) in await related(session, models.Order.customer)
    assert (other, [row]) in await related(session, models.Customer.orders)


async def test_delete_with_order_lines_by_order_id(
    client: AsyncClient, session: AsyncSession
) -> None:
    row = await make_order(session)
    referring = {"order_id": row["id"]}
    child = await make_order_line(session, **referring)
    answer = await client.delete(url_of_order(row))
    assert answer.status_code == 204
    assert child not in await stored(session, models.OrderLine)


async def test_delete_with_payments_by_order_id(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_order(session)
    referring = {"order_id": row["id"]}
    child = await make_payment(session, **referring)
    answer = await client.delete(url_of_order(row))
    assert answer.status_code == 409
    assert row in await stored(session, models.Order)
    assert child in await stored(session, models.Payment)


async def test_links_to_products(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_order(session)
    links = f"{url_of_order(row)}/products"
    assert await items(client, links) == []
    other = await make_product(session)
    linking = {"order_id": row["id"], "product_sku": other["sku"]}
    await make_order_line(session, **linking)
    assert await items(client, links) == [other]
    assert (row, [other]) in await related(session, models.Order.products)
    assert (other, [row]) in await related(session, models.Product.orders)
