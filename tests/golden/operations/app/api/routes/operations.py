"""Routes of operations: rules beyond reading and writing rows."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from app import operations
from app.core.database import SessionDep
from app.core.errors import refuses
from app.schemas.operations import (
    CancelOrderInput,
    ForecastInput,
    ForecastReturns,
    PlaceOrderInput,
    PlaceOrderReturns,
    StockValueInput,
    StockValueReturns,
)

router = APIRouter(prefix="/operations", tags=["operations"])


@router.delete("/cancel_order", status_code=204, responses=refuses(404, 409, 422))
async def cancel_order(query: Annotated[CancelOrderInput, Query()], session: SessionDep) -> None:
    """Cancel an order, which gives back what it took from the stock."""
    await operations.cancel_order(session, order_id=query.order_id)
    await session.commit()


@router.post("/forecast", responses=refuses(422, 501))
async def forecast(_body: ForecastInput) -> ForecastReturns:
    """When the stock of a product will be gone."""
    raise HTTPException(HTTPStatus.NOT_IMPLEMENTED, "Nobody has written this operation yet.")


@router.post("/place_order", responses=refuses(400, 404, 409, 413, 422))
async def place_order(body: PlaceOrderInput, session: SessionDep) -> PlaceOrderReturns:
    """Do what `place_order` does.

    Order a product, which takes it from the stock. From ten pieces on there is a
    discount of ten percent.
    """
    found = await operations.place_order(
        session, product_id=body.product_id, quantity=body.quantity, deliver_on=body.deliver_on
    )
    answer = PlaceOrderReturns.model_validate(found)
    await session.commit()
    return answer


@router.get("/stock_value", responses=refuses(409, 422))
async def stock_value(
    query: Annotated[StockValueInput, Query()], session: SessionDep
) -> StockValueReturns:
    """What all products of a price are worth together, and which they are."""
    found = await operations.stock_value(session, at_most=query.at_most, names=query.names)
    return StockValueReturns.model_validate(found)
