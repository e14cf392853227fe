"""Rows of stock levels."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.stock_levels import StockLevelCreate
from tests.factories.products import make_product
from tests.factories.warehouses import make_warehouse
from tests.rows import Json, add, number_of, url

STOCK_LEVEL_PATH = "/stock-levels"


def url_of_stock_level(row: Json) -> str:
    """Say where a row can be read."""
    return url(STOCK_LEVEL_PATH, row["warehouse_code"], row["product_sku"])


async def body_of_stock_level(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "stock_levels")
    product_sku_row = await make_product(session)
    warehouse_code_row = await make_warehouse(session)
    return {
        "warehouse_code": warehouse_code_row["code"],
        "product_sku": product_sku_row["sku"],
        "quantity": number,
        "reserved": number,
    }


async def make_stock_level(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = StockLevelCreate.model_validate(await body_of_stock_level(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.StockLevel(**values))
