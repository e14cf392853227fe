"""Rows of medical records."""

import itertools

from httpx import AsyncClient

from tests.factories.patients import make_patient
from tests.samples import Json, anything, binary, create, decimal, text, url

MEDICAL_RECORD_PATH = "/medical-records"
numbers = itertools.count(1)


def url_of_medical_record(row: Json) -> str:
    """Say where a row can be read."""
    return url(MEDICAL_RECORD_PATH, row["patient_id"])


async def body_of_medical_record(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    patient = await make_patient(client)
    return {
        "patient_id": patient["id"],
        "allergies": text("allergies", number),
        "medication": anything(number),
        "smoker": number % 2 == 1,
        "height_cm": [20, 21, 272, 271][number % 4],
        "weight_kg": decimal(number % 1000, 2),
        "x_ray": binary(number, 4),
    }


async def make_medical_record(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, MEDICAL_RECORD_PATH, await body_of_medical_record(client) | given)
