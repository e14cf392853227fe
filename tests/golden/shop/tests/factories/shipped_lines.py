"""Rows of shipped lines."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.shipped_lines import ShippedLineCreate
from tests.factories.order_lines import make_order_line
from tests.rows import Json, add, number_of, url
from tests.samples import moment, text

SHIPPED_LINE_PATH = "/shipped-lines"


def url_of_shipped_line(row: Json) -> str:
    """Say where a row can be read."""
    return url(SHIPPED_LINE_PATH, row["id"])


async def body_of_shipped_line(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "shipped_lines")
    order_line = await make_order_line(session)
    return {
        "order_id": order_line["order_id"],
        "line_number": order_line["line_number"],
        "quantity": number,
        "shipped_at": moment(number),
        "tracking_code": text("tracking-code", number),
    }


async def make_shipped_line(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = ShippedLineCreate.model_validate(await body_of_shipped_line(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.ShippedLine(**values))
