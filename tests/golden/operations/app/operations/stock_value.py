"""The operation `stock_value`.

Written by the caller.
"""

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Product
from app.schemas.operations import StockValueReturns


async def stock_value(
    session: AsyncSession, *, at_most: Decimal | None, names: list[str] | None
) -> StockValueReturns | Mapping[str, object]:
    """What all products of a price are worth together, and which they are."""
    wanted = select(Product).order_by(Product.name)
    if at_most is not None:
        wanted = wanted.where(Product.price <= at_most)
    if names:
        wanted = wanted.where(Product.name.in_(names))
    found = (await session.scalars(wanted)).all()
    value = sum((one.price * one.stock for one in found), Decimal(0))
    return {
        "value": value,
        "count": len(found),
        "names": [one.name for one in found],
        "json": "all",
    }
