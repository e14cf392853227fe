"""Rows of badges."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.badges import BadgeCreate
from tests.rows import Json, add, number_of, url
from tests.samples import text

BADGE_PATH = "/badges"


def url_of_badge(row: Json) -> str:
    """Say where a row can be read."""
    return url(BADGE_PATH, row["serial"])


async def body_of_badge(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "badges")
    return {
        "serial": text("serial", number),
        "blocked": number % 2 == 1,
    }


async def make_badge(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = BadgeCreate.model_validate(await body_of_badge(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Badge(**values))
