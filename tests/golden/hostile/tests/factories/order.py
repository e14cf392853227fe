"""Rows of orders."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.core.rows import spelled_out
from app.schemas.order import OrderCreate
from tests.factories.class_ import make_class_
from tests.rows import Json, add, number_of, url
from tests.samples import binary, clock, days, decimal, text, uuid

ORDER_PATH = "/order"


def url_of_order(row: Json) -> str:
    """Say where a row can be read."""
    return url(ORDER_PATH, row["id"])


async def body_of_order(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "order")
    user_row = await make_class_(session)
    return {
        "id": uuid(number),
        "user": user_row["import"],
        "select": decimal(number % 1000000, 6),
        "where": clock(number),
        "limit": days(number),
        "offset": number,
        "sort": text("sort", number),
        "total": number,
        "items": number,
        "desc": binary(number, 4),
    }


async def make_order(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = OrderCreate.model_validate(await body_of_order(session) | given)
    values = spelled_out(body.model_dump(exclude_unset=True))
    return await add(session, models.Order(**values))
