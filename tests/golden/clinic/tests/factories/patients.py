"""Rows of patients."""

import itertools

from httpx import AsyncClient

from tests.samples import Json, create, date, short_text, text, url

PATIENT_PATH = "/patients"
numbers = itertools.count(1)


def url_of_patient(row: Json) -> str:
    """Say where a row can be read."""
    return url(PATIENT_PATH, row["id"])


async def body_of_patient(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    return {
        "insurance_number": short_text(number, 6),
        "family_name": text("family-name", number),
        "given_name": text("given-name", number),
        "born_on": date(number),
        "blood_group": ["A+", "A-", "B+", "B-", "AB+", "AB-", "0+", "0-"][number % 8],
        "phone": text("phone", number),
    }


async def make_patient(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, PATIENT_PATH, await body_of_patient(client) | given)
