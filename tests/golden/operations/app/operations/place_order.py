"""The operation `place_order`.

Written by the caller.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from fastapi import HTTPException
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Order, Product
from app.schemas.operations import PlaceOrderReturns


async def place_order(
    session: AsyncSession, *, product_id: int, quantity: int, deliver_on: dt.date | None
) -> PlaceOrderReturns | Mapping[str, object]:
    """Do what `place_order` does.

    Order a product, which takes it from the stock. From ten pieces on there is a
    discount of ten percent.
    """
    if quantity < 1:
        raise HTTPException(422, "Order at least one piece.")
    product = await session.get(Product, product_id, with_for_update=True)
    if product is None:
        raise HTTPException(404, "There is no such product.")
    if product.stock < quantity:
        raise HTTPException(409, f"Only {product.stock} pieces are left.")
    # The discount is taken from all pieces, not only from those beyond the ninth
    discount = Decimal("0.90") if quantity >= 10 else Decimal(1)
    total = (product.price * quantity * discount).quantize(Decimal("0.01"))
    product.stock -= quantity
    session.add(Order(product_id=product_id, quantity=quantity, total=total, deliver_on=deliver_on))
    return {"total": total, "left": product.stock, "deliver_on": deliver_on}
