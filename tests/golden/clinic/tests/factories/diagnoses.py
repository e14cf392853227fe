"""Rows of diagnoses."""

import itertools

from httpx import AsyncClient

from tests.factories.appointments import make_appointment
from tests.samples import Json, create, short_text, text, url

DIAGNOSIS_PATH = "/diagnoses"
numbers = itertools.count(1)


def url_of_diagnosis(row: Json) -> str:
    """Say where a row can be read."""
    return url(DIAGNOSIS_PATH, row["id"])


async def body_of_diagnosis(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    appointment = await make_appointment(client)
    return {
        "appointment_id": appointment["id"],
        "code": short_text(number, 6),
        "remarks": text("remarks", number),
        "certain": number % 2 == 1,
    }


async def make_diagnosis(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, DIAGNOSIS_PATH, await body_of_diagnosis(client) | given)
