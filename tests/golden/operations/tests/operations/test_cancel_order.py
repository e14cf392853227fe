"""The operation `cancel_order`, by its examples."""

from decimal import Decimal

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from tests.rows import assert_rows

PATH = "/operations/cancel_order"


async def test_it_is_described(client: AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()["paths"][PATH]
    assert "204" in described["delete"]["responses"]


async def test_example_1(client: AsyncClient, session: AsyncSession) -> None:
    session.add_all(
        [
            models.Product(id=1, name="Tea", price=Decimal("4.5"), stock=3),
            models.Order(id=5, product_id=1, quantity=2, total=Decimal(9)),
        ]
    )
    await session.flush()
    answer = await client.delete(PATH, params={"order_id": 5})
    assert answer.status_code == 204, answer.text
    await assert_rows(
        session, [models.Order.id, models.Order.state], [(5, models.OrderState.CANCELLED)]
    )
    await assert_rows(session, [models.Product.stock], [(5,)])
