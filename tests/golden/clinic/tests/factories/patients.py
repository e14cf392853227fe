"""Rows of patients."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.patients import PatientCreate
from tests.rows import Json, add, number_of, url
from tests.samples import date, short_text, text

PATIENT_PATH = "/patients"


def url_of_patient(row: Json) -> str:
    """Say where a row can be read."""
    return url(PATIENT_PATH, row["id"])


async def body_of_patient(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "patients")
    return {
        "insurance_number": short_text(number, 6),
        "family_name": text("family-name", number),
        "given_name": text("given-name", number),
        "born_on": date(number),
        "blood_group": ["A+", "A-", "B+", "B-", "AB+", "AB-", "0+", "0-"][number % 8],
        "phone": text("phone", number),
    }


async def make_patient(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = PatientCreate.model_validate(await body_of_patient(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Patient(**values))
