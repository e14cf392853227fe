"""The operation `stock_value`, by its examples."""

from decimal import Decimal

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.operations import StockValueReturns

PATH = "/operations/stock_value"


async def test_it_is_described(client: AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()["paths"][PATH]
    assert "200" in described["get"]["responses"]


async def test_example_1(client: AsyncClient, session: AsyncSession) -> None:
    session.add_all(
        [
            models.Product(name="Tea", price=Decimal("4.5"), stock=2),
            models.Product(name="Cup", price=Decimal(12), stock=1),
        ]
    )
    await session.flush()
    answer = await client.get(PATH)
    assert answer.status_code == 200, answer.text
    returned = StockValueReturns.model_validate(answer.json()).model_dump(by_alias=True)
    expected = {"value": Decimal(21), "count": 2, "names": ["Cup", "Tea"], "json": "all"}
    assert {name: returned[name] for name in expected} == expected


async def test_example_2(client: AsyncClient, session: AsyncSession) -> None:
    session.add_all(
        [
            models.Product(name="Tea", price=Decimal("4.5"), stock=2),
            models.Product(name="Cup", price=Decimal(12), stock=1),
        ]
    )
    await session.flush()
    answer = await client.get(PATH, params={"at_most": 10, "names": ["Tea", "Cup"]})
    assert answer.status_code == 200, answer.text
    returned = StockValueReturns.model_validate(answer.json()).model_dump(by_alias=True)
    expected = {"value": Decimal(9), "names": ["Tea"]}
    assert {name: returned[name] for name in expected} == expected
