"""Rows of units."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.units import UnitCreate
from tests.rows import Json, add, number_of, url
from tests.samples import short_text, text

UNIT_PATH = "/units"


def url_of_unit(row: Json) -> str:
    """Say where a row can be read."""
    return url(UNIT_PATH, row["code"])


async def body_of_unit(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "units")
    return {
        "code": text("code", number),
        "name": text("name", number),
        "cost_centre": short_text(number, 6),
    }


async def make_unit(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = UnitCreate.model_validate(await body_of_unit(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Unit(**values))
