"""Rows of people."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.people import PersonCreate
from tests.factories.units import make_unit
from tests.rows import Json, add, number_of, url
from tests.samples import date, text, uuid

PERSON_PATH = "/people"


def url_of_person(row: Json) -> str:
    """Say where a row can be read."""
    return url(PERSON_PATH, row["id"])


async def body_of_person(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "people")
    unit_code_row = await make_unit(session)
    return {
        "id": uuid(number),
        "name": text("name", number),
        "email": text("email", number),
        "unit_code": unit_code_row["code"],
        "joined_on": date(number),
        "left_on": date(number),
    }


async def make_person(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = PersonCreate.model_validate(await body_of_person(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Person(**values))
