"""Rows of assignments."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.assignments import AssignmentCreate
from tests.factories.people import make_person
from tests.factories.projects import make_project
from tests.rows import Json, add, number_of, url
from tests.samples import text

ASSIGNMENT_PATH = "/assignments"


def url_of_assignment(row: Json) -> str:
    """Say where a row can be read."""
    return url(ASSIGNMENT_PATH, row["project_id"], row["person_id"])


async def body_of_assignment(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "assignments")
    person = await make_person(session)
    project = await make_project(session)
    return {
        "project_id": project["id"],
        "person_id": person["id"],
        "role": text("role", number),
        "share": 1,
    }


async def make_assignment(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = AssignmentCreate.model_validate(await body_of_assignment(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Assignment(**values))
