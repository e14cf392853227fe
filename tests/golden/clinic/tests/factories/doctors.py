"""Rows of doctors."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.doctors import DoctorCreate
from tests.rows import Json, add, number_of, url
from tests.samples import clock, days, text

DOCTOR_PATH = "/doctors"


def url_of_doctor(row: Json) -> str:
    """Say where a row can be read."""
    return url(DOCTOR_PATH, row["id"])


async def body_of_doctor(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "doctors")
    return {
        "licence": text("licence", number),
        "name": text("name", number),
        "speciality": ["general", "surgery", "paediatrics", "radiology", "cardiology"][number % 5],
        "shift_starts": clock(number),
        "shift_ends": clock(number + 1000),
        "usual_visit": days(number),
    }


async def make_doctor(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = DoctorCreate.model_validate(await body_of_doctor(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Doctor(**values))
