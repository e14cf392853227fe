"""Rows of groups."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.core.rows import spelled_out
from app.schemas.group import GroupCreate
from tests.factories.order import make_order
from tests.rows import Json, add, number_of, url
from tests.samples import anything, text

GROUP_PATH = "/group"


def url_of_group(row: Json) -> str:
    """Say where a row can be read."""
    return url(GROUP_PATH, row["order"], row["key"])


async def body_of_group(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "group")
    order_row = await make_order(session)
    return {
        "order": order_row["id"],
        "key": text("key", number),
        "values": anything(number),
    }


async def make_group(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = GroupCreate.model_validate(await body_of_group(session) | given)
    values = spelled_out(body.model_dump(exclude_unset=True))
    return await add(session, models.Group(**values))
