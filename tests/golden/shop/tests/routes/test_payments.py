"""The routes of payments."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.payments import PaymentQuery
from tests.factories.orders import make_order
from tests.factories.payments import PAYMENT_PATH, body_of_payment, make_payment, url_of_payment
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


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_payment(session)
    answer = await client.post(PAYMENT_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.Payment)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_payment(session)
    misfits: Json = {
        "method": "no such value",
        "amount": "1e40",
        "received_at": "0001-01-01T00:00:00+14:00",
        "id": None,
        "no such column": 1,
    }
    answer = await client.post(PAYMENT_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(PAYMENT_PATH, json={})
    assert faults(nothing) == {"order_id", "method", "amount", "received_at"}
    assert await stored(session, models.Payment) == []


async def test_values_of_method(session: AsyncSession) -> None:
    for value in ["card", "transfer", "cash on delivery", "voucher"]:
        given = {"method": value}
        row = await make_payment(session, **given)
        assert row["method"] == value


async def test_checks_are_kept(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_payment(session)
    broken: list[Json] = [
        {"amount": "0.00"},
    ]
    for values in broken:
        answer = await client.post(PAYMENT_PATH, json=body | values)
        assert answer.status_code == 422, values
    assert await stored(session, models.Payment) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_payment(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(PAYMENT_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(PAYMENT_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(PAYMENT_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_payment(session)
    names = ["order_id", "method", "amount", "received_at"]
    rows = await items(client, PAYMENT_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Payment, PaymentQuery, sort=",".join(names))
    for name in ["order_id", "received_at"]:
        falling = await column_sorted(session, models.Payment, PaymentQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["order_id", "method", "amount"]:
        rising = await column_sorted(session, models.Payment, PaymentQuery, name, name)
        falling = await column_sorted(session, models.Payment, PaymentQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_payment(session), await make_payment(session)
    same: dict[str, str] = {
        "order_id": "order_id",
        "method": "method",
        "amount": "amount",
        "received_at": "received_at",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, PAYMENT_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Payment, PaymentQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    names = ["amount", "received_at"]
    asked = [
        {f"{name}__gte": row[name], f"{name}__lte": row[name]}
        for name in names
        for row in (first, second)
    ]
    shown = await listed(session, models.Payment, PaymentQuery, asked)
    assert shown == [[first], [second]] * len(names)


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_payment(session)
    unchanged = await client.patch(url_of_payment(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_payment(session)
    names = ["order_id", "method", "amount", "received_at"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_payment(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert row in await stored(session, models.Payment)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_payment(session)
    kept = {name: row.get(name) for name in ["id", "no such column"]}
    nulls = dict.fromkeys(["order_id", "method", "amount", "received_at"])
    answer = await client.patch(url_of_payment(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Payment)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_payment(session)
    assert (await client.delete(url_of_payment(row))).status_code == 204
    assert (await client.get(url_of_payment(row))).status_code == 404
    assert row not in await stored(session, models.Payment)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(PAYMENT_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"order_id": 0},
    ]
    for reference in references:
        body = await body_of_payment(session) | reference
        answer = await client.post(PAYMENT_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.Payment) == []


async def test_relationship_order(session: AsyncSession) -> None:
    other = await make_order(session)
    referring = {"order_id": other["id"]}
    row = await make_payment(session, **referring)
    assert (row, [other]) in await related(session, models.Payment.order)
    assert (other, [row]) in await related(session, models.Order.payments)
