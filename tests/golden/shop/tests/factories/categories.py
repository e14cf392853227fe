"""Rows of categories."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.categories import CategoryCreate
from tests.rows import Json, add, number_of, url
from tests.samples import text

CATEGORY_PATH = "/categories"


def url_of_category(row: Json) -> str:
    """Say where a row can be read."""
    return url(CATEGORY_PATH, row["id"])


async def body_of_category(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "categories")
    return {
        "name": text("name", number),
    }


async def make_category(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = CategoryCreate.model_validate(await body_of_category(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Category(**values))
