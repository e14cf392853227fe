"""Rows of products."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.core.rows import spelled_out
from app.schemas.products import ProductCreate
from tests.rows import Json, add, number_of, url
from tests.samples import anything, decimal, text

PRODUCT_PATH = "/products"


def url_of_product(row: Json) -> str:
    """Say where a row can be read."""
    return url(PRODUCT_PATH, row["sku"])


async def body_of_product(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "products")
    return {
        "sku": text("sku", number),
        "title": text("title", number),
        "details": anything(number),
        "price": decimal(number % 1000000, 2),
        "vat_rate": ["0.000", "0.001", "1.000", "0.999"][number % 4],
        "weight_kg": number + 0.5,
        "discontinued": number % 2 == 1,
    }


async def make_product(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = ProductCreate.model_validate(await body_of_product(session) | given)
    values = spelled_out(body.model_dump(exclude_unset=True))
    return await add(session, models.Product(**values))
