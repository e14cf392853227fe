"""Rows of medical records."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.medical_records import MedicalRecordCreate
from tests.factories.patients import make_patient
from tests.rows import Json, add, number_of, url
from tests.samples import anything, binary, decimal, text

MEDICAL_RECORD_PATH = "/medical-records"


def url_of_medical_record(row: Json) -> str:
    """Say where a row can be read."""
    return url(MEDICAL_RECORD_PATH, row["patient_id"])


async def body_of_medical_record(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "medical_records")
    patient = await make_patient(session)
    return {
        "patient_id": patient["id"],
        "allergies": text("allergies", number),
        "medication": anything(number),
        "smoker": number % 2 == 1,
        "height_cm": [20, 21, 272, 271][number % 4],
        "weight_kg": decimal(number % 1000, 2),
        "x_ray": binary(number, 4),
    }


async def make_medical_record(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = MedicalRecordCreate.model_validate(await body_of_medical_record(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.MedicalRecord(**values))
