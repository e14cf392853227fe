"""Rows of class types."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.class_type import ClassTypeCreate
from tests.rows import Json, add, number_of, url
from tests.samples import text

CLASS_TYPE_PATH = "/class-type"


def url_of_class_type(row: Json) -> str:
    """Say where a row can be read."""
    return url(CLASS_TYPE_PATH, row["code"])


async def body_of_class_type(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "class_type")
    return {
        "code": ["x", "y"][number % 2],
        "label": text("label", number),
    }


async def make_class_type(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = ClassTypeCreate.model_validate(await body_of_class_type(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.ClassType(**values))
