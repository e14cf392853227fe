"""Rows of projects."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.projects import ProjectCreate
from tests.factories.units import make_unit
from tests.rows import Json, add, number_of, url
from tests.samples import decimal, text

PROJECT_PATH = "/projects"


def url_of_project(row: Json) -> str:
    """Say where a row can be read."""
    return url(PROJECT_PATH, row["id"])


async def body_of_project(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "projects")
    owner_code_row = await make_unit(session)
    return {
        "title": text("title", number),
        "owner_code": owner_code_row["code"],
        "budget": decimal(number % 1000000, 2),
    }


async def make_project(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = ProjectCreate.model_validate(await body_of_project(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Project(**values))
