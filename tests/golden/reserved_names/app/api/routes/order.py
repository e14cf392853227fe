"""Routes of orders."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import OrderBy
from app.schemas.order import OrderByCreate, OrderByQuery, OrderByRead, OrderByUpdate

router = APIRouter(prefix="/order", tags=["order"])


@router.get("", responses=refuses(422))
async def list_order(
    query: Annotated[OrderByQuery, Query()], session: SessionDep
) -> Page[OrderByRead]:
    """List orders: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(OrderBy, query), query, OrderByRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_order_by(
    body: OrderByCreate, session: SessionDep, response: Response
) -> OrderByRead:
    """Make a new order by."""
    order_by = OrderBy(**body.model_dump(exclude_unset=True))
    await save(session, order_by)
    response.headers["Location"] = location("/order", order_by.id)
    return OrderByRead.model_validate(order_by)


@router.get("/{order_by_id}", responses=refuses(404, 422))
async def read_order_by(order_by_id: Integer, session: SessionDep) -> OrderByRead:
    """Show one order by."""
    order_by = await find(session, OrderBy, order_by_id)
    return OrderByRead.model_validate(order_by)


@router.patch("/{order_by_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_order_by(
    order_by_id: Integer, body: OrderByUpdate, session: SessionDep
) -> OrderByRead:
    """Change what was sent of one order by, and nothing else."""
    order_by = await find(session, OrderBy, order_by_id)
    await save(session, order_by, body.model_dump(exclude_unset=True))
    return OrderByRead.model_validate(order_by)


@router.delete("/{order_by_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_order_by(order_by_id: Integer, session: SessionDep) -> None:
    """Delete one order by for good."""
    order_by = await find(session, OrderBy, order_by_id)
    await session.delete(order_by)
    await session.commit()
