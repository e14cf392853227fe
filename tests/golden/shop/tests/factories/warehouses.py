"""Rows of warehouses."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.warehouses import WarehouseCreate
from tests.rows import Json, add, number_of, url
from tests.samples import short_text, text

WAREHOUSE_PATH = "/warehouses"


def url_of_warehouse(row: Json) -> str:
    """Say where a row can be read."""
    return url(WAREHOUSE_PATH, row["code"])


async def body_of_warehouse(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "warehouses")
    return {
        "code": short_text(number, 6),
        "city": text("city", number),
        "country": short_text(number, 2),
    }


async def make_warehouse(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = WarehouseCreate.model_validate(await body_of_warehouse(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Warehouse(**values))
