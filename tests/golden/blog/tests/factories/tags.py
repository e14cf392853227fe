"""Rows of tags."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.tags import TagCreate
from tests.rows import Json, add, number_of, url
from tests.samples import text

TAG_PATH = "/tags"


def url_of_tag(row: Json) -> str:
    """Say where a row can be read."""
    return url(TAG_PATH, row["id"])


async def body_of_tag(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "tags")
    return {
        "name": text("name", number),
    }


async def make_tag(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = TagCreate.model_validate(await body_of_tag(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Tag(**values))
