"""The operation `place_order`, by its examples."""

import datetime as dt
from decimal import Decimal

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.operations import PlaceOrderReturns
from tests.rows import assert_rows

PATH = "/operations/place_order"


async def test_it_is_described(client: AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()["paths"][PATH]
    assert "200" in described["post"]["responses"]


async def test_example_1(client: AsyncClient, session: AsyncSession) -> None:
    session.add_all(
        [
            models.Product(id=1, name="Tea", price=Decimal("4.5"), stock=5),
        ]
    )
    await session.flush()
    answer = await client.post(
        PATH, json={"product_id": 1, "quantity": 2, "deliver_on": "2026-02-01"}
    )
    assert answer.status_code == 200, answer.text
    returned = PlaceOrderReturns.model_validate(answer.json()).model_dump(by_alias=True)
    expected = {"total": Decimal("9.00"), "left": 3, "deliver_on": dt.date(2026, 2, 1)}
    assert {name: returned[name] for name in expected} == expected
    await assert_rows(session, [models.Product.id, models.Product.stock], [(1, 3)])
    await assert_rows(
        session,
        [
            models.Order.product_id,
            models.Order.quantity,
            models.Order.total,
            models.Order.state,
            models.Order.deliver_on,
        ],
        [(1, 2, Decimal(9), models.OrderState.OPEN, dt.date(2026, 2, 1))],
    )


async def test_example_2(client: AsyncClient, session: AsyncSession) -> None:
    session.add_all(
        [
            models.Product(id=1, name="Tea", price=Decimal("4.5"), stock=20),
        ]
    )
    await session.flush()
    answer = await client.post(PATH, json={"product_id": 1, "quantity": 10})
    assert answer.status_code == 200, answer.text
    returned = PlaceOrderReturns.model_validate(answer.json()).model_dump(by_alias=True)
    expected = {"total": Decimal("40.50")}
    assert {name: returned[name] for name in expected} == expected
    await assert_rows(session, [models.Product.stock], [(10,)])


async def test_example_3(client: AsyncClient, session: AsyncSession) -> None:
    session.add_all(
        [
            models.Product(id=1, name="Tea", price=Decimal("4.5"), stock=1),
        ]
    )
    await session.flush()
    answer = await client.post(PATH, json={"product_id": 1, "quantity": 2})
    assert answer.status_code == 409, answer.text
    await assert_rows(session, [models.Product.id, models.Product.stock], [(1, 1)])
    await assert_rows(session, [models.Order.id], [])


async def test_example_4(client: AsyncClient) -> None:
    answer = await client.post(PATH, json={"product_id": 7, "quantity": 1})
    assert answer.status_code == 404, answer.text
