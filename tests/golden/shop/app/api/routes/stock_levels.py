"""Routes of stock levels."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Key
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import StockLevel
from app.schemas.stock_levels import (
    StockLevelCreate,
    StockLevelQuery,
    StockLevelRead,
    StockLevelUpdate,
)

router = APIRouter(prefix="/stock-levels", tags=["stock_levels"])


@router.get("", responses=refuses(422))
async def list_stock_levels(
    query: Annotated[StockLevelQuery, Query()], session: SessionDep
) -> Page[StockLevelRead]:
    """List stock levels: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(StockLevel, query), query, StockLevelRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_stock_level(
    body: StockLevelCreate, session: SessionDep, response: Response
) -> StockLevelRead:
    """Make a new stock level."""
    stock_level = StockLevel(**body.model_dump(exclude_unset=True))
    await save(session, stock_level)
    response.headers["Location"] = location(
        "/stock-levels", stock_level.warehouse_code, stock_level.product_sku
    )
    return StockLevelRead.model_validate(stock_level)


@router.get("/{warehouse_code}/{product_sku}", responses=refuses(404, 422))
async def read_stock_level(
    warehouse_code: Key, product_sku: Key, session: SessionDep
) -> StockLevelRead:
    """Show one stock level."""
    stock_level = await find(session, StockLevel, (warehouse_code, product_sku))
    return StockLevelRead.model_validate(stock_level)


@router.patch("/{warehouse_code}/{product_sku}", responses=refuses(400, 404, 409, 413, 422))
async def update_stock_level(
    warehouse_code: Key, product_sku: Key, body: StockLevelUpdate, session: SessionDep
) -> StockLevelRead:
    """Change what was sent of one stock level, and nothing else."""
    stock_level = await find(session, StockLevel, (warehouse_code, product_sku))
    await save(session, stock_level, body.model_dump(exclude_unset=True))
    return StockLevelRead.model_validate(stock_level)


@router.delete("/{warehouse_code}/{product_sku}", status_code=204, responses=refuses(404, 409, 422))
async def delete_stock_level(warehouse_code: Key, product_sku: Key, session: SessionDep) -> None:
    """Delete one stock level for good."""
    stock_level = await find(session, StockLevel, (warehouse_code, product_sku))
    await session.delete(stock_level)
    await session.commit()
