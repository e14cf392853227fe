"""Rows of order lines."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.order_lines import OrderLineCreate
from tests.factories.orders import make_order
from tests.factories.products import make_product
from tests.rows import Json, add, number_of, url
from tests.samples import decimal

ORDER_LINE_PATH = "/order-lines"


def url_of_order_line(row: Json) -> str:
    """Say where a row can be read."""
    return url(ORDER_LINE_PATH, row["order_id"], row["line_number"])


async def body_of_order_line(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "order_lines")
    order = await make_order(session)
    product_sku_row = await make_product(session)
    return {
        "order_id": order["id"],
        "line_number": number,
        "product_sku": product_sku_row["sku"],
        "quantity": number,
        "unit_price": decimal(number % 1000000, 2),
    }


async def make_order_line(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = OrderLineCreate.model_validate(await body_of_order_line(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.OrderLine(**values))
