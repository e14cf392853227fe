"""Rows of only keys."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.only_key import OnlyKeyCreate
from tests.rows import Json, add, number_of, url
from tests.samples import text

ONLY_KEY_PATH = "/only-key"


def url_of_only_key(row: Json) -> str:
    """Say where a row can be read."""
    return url(ONLY_KEY_PATH, row["id"])


async def body_of_only_key(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "only_key")
    return {
        "note": text("note", number),
    }


async def make_only_key(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = OnlyKeyCreate.model_validate(await body_of_only_key(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.OnlyKey(**values))
