"""Routes of order lines."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import BigInteger, SmallInteger
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import OrderLine
from app.schemas.order_lines import OrderLineCreate, OrderLineQuery, OrderLineRead, OrderLineUpdate

router = APIRouter(prefix="/order-lines", tags=["order_lines"])


@router.get("", responses=refuses(422))
async def list_order_lines(
    query: Annotated[OrderLineQuery, Query()], session: SessionDep
) -> Page[OrderLineRead]:
    """List order lines: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(OrderLine, query), query, OrderLineRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_order_line(
    body: OrderLineCreate, session: SessionDep, response: Response
) -> OrderLineRead:
    """Make a new order line."""
    order_line = OrderLine(**body.model_dump(exclude_unset=True))
    await save(session, order_line)
    response.headers["Location"] = location(
        "/order-lines", order_line.order_id, order_line.line_number
    )
    return OrderLineRead.model_validate(order_line)


@router.get("/{order_id}/{line_number}", responses=refuses(404, 422))
async def read_order_line(
    order_id: BigInteger, line_number: SmallInteger, session: SessionDep
) -> OrderLineRead:
    """Show one order line."""
    order_line = await find(session, OrderLine, (order_id, line_number))
    return OrderLineRead.model_validate(order_line)


@router.patch("/{order_id}/{line_number}", responses=refuses(400, 404, 409, 413, 422))
async def update_order_line(
    order_id: BigInteger, line_number: SmallInteger, body: OrderLineUpdate, session: SessionDep
) -> OrderLineRead:
    """Change what was sent of one order line, and nothing else."""
    order_line = await find(session, OrderLine, (order_id, line_number))
    await save(session, order_line, body.model_dump(exclude_unset=True))
    return OrderLineRead.model_validate(order_line)


@router.delete("/{order_id}/{line_number}", status_code=204, responses=refuses(404, 409, 422))
async def delete_order_line(
    order_id: BigInteger, line_number: SmallInteger, session: SessionDep
) -> None:
    """Delete one order line for good."""
    order_line = await find(session, OrderLine, (order_id, line_number))
    await session.delete(order_line)
    await session.commit()
