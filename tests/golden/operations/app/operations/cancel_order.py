"""The operation `cancel_order`.

Written by the caller.
"""

from http import HTTPStatus

from fastapi import HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.models import Order, OrderState


async def cancel_order(session: AsyncSession, *, order_id: int) -> None:
    """Cancel an order, which gives back what it took from the stock."""
    order = await session.scalar(
        select(Order).where(Order.id == order_id).options(selectinload(Order.product))
    )
    if order is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such order.")
    if order.state is not OrderState.CANCELLED:
        order.state = OrderState.CANCELLED
        order.product.stock += order.quantity
