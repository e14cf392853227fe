"""Routes of orders."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Order
from app.schemas.orders import OrderCreate, OrderQuery, OrderRead, OrderUpdate

router = APIRouter(prefix="/orders", tags=["orders"])


@router.get("", responses=refuses(422))
async def list_orders(
    query: Annotated[OrderQuery, Query()], session: SessionDep
) -> Page[OrderRead]:
    """List orders: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Order, query), query, OrderRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_order(body: OrderCreate, session: SessionDep, response: Response) -> OrderRead:
    """Make a new order."""
    order = Order(**body.model_dump(exclude_unset=True))
    await save(session, order)
    response.headers["Location"] = location("/orders", order.id)
    return OrderRead.model_validate(order)


@router.get("/{order_id}", responses=refuses(404, 422))
async def read_order(order_id: Integer, session: SessionDep) -> OrderRead:
    """Show one order."""
    order = await find(session, Order, order_id)
    return OrderRead.model_validate(order)


@router.patch("/{order_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_order(order_id: Integer, body: OrderUpdate, session: SessionDep) -> OrderRead:
    """Change what was sent of one order, and nothing else."""
    order = await find(session, Order, order_id)
    await save(session, order, body.model_dump(exclude_unset=True))
    return OrderRead.model_validate(order)


@router.delete("/{order_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_order(order_id: Integer, session: SessionDep) -> None:
    """Delete one order for good."""
    order = await find(session, Order, order_id)
    await session.delete(order)
    await session.commit()
