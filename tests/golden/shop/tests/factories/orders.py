"""Rows of orders."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.orders import OrderCreate
from tests.factories.customers import make_customer
from tests.rows import Json, add, number_of, url
from tests.samples import date, moment, text, uuid

ORDER_PATH = "/orders"


def url_of_order(row: Json) -> str:
    """Say where a row can be read."""
    return url(ORDER_PATH, row["id"])


async def body_of_order(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "orders")
    customer = await make_customer(session)
    return {
        "customer_id": customer["id"],
        "reference": uuid(number),
        "status": ["cart", "placed", "paid", "shipped", "delivered", "cancelled"][number % 6],
        "placed_at": moment(number),
        "deliver_on": date(number),
        "note": text("note", number),
    }


async def make_order(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = OrderCreate.model_validate(await body_of_order(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Order(**values))
