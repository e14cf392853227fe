"""Rows of skills."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.skills import SkillCreate
from tests.rows import Json, add, number_of, url
from tests.samples import text

SKILL_PATH = "/skills"


def url_of_skill(row: Json) -> str:
    """Say where a row can be read."""
    return url(SKILL_PATH, row["name"])


async def body_of_skill(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "skills")
    return {
        "name": text("name", number),
    }


async def make_skill(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = SkillCreate.model_validate(await body_of_skill(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Skill(**values))
