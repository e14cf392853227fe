"""Rows of bases."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.base_ import BaseCreate
from tests.rows import Json, add, url

BASE_PATH = "/base"


def url_of_base(row: Json) -> str:
    """Say where a row can be read."""
    return url(BASE_PATH, row["id"])


async def body_of_base(_session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    return {}


async def make_base(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = BaseCreate.model_validate(await body_of_base(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Base(**values))
