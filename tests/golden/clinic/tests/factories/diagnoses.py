"""Rows of diagnoses."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.diagnoses import DiagnosisCreate
from tests.factories.appointments import make_appointment
from tests.rows import Json, add, number_of, url
from tests.samples import short_text, text

DIAGNOSIS_PATH = "/diagnoses"


def url_of_diagnosis(row: Json) -> str:
    """Say where a row can be read."""
    return url(DIAGNOSIS_PATH, row["id"])


async def body_of_diagnosis(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "diagnoses")
    appointment = await make_appointment(session)
    return {
        "appointment_id": appointment["id"],
        "code": short_text(number, 6),
        "remarks": text("remarks", number),
        "certain": number % 2 == 1,
    }


async def make_diagnosis(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = DiagnosisCreate.model_validate(await body_of_diagnosis(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Diagnosis(**values))
