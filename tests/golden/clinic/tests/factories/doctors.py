"""Rows of doctors."""

import itertools

from httpx import AsyncClient

from tests.samples import Json, clock, create, days, text, url

DOCTOR_PATH = "/doctors"
numbers = itertools.count(1)


def url_of_doctor(row: Json) -> str:
    """Say where a row can be read."""
    return url(DOCTOR_PATH, row["id"])


async def body_of_doctor(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    return {
        "licence": text("licence", number),
        "name": text("name", number),
        "speciality": ["general", "surgery", "paediatrics", "radiology", "cardiology"][number % 5],
        "shift_starts": clock(number),
        "shift_ends": clock(number + 1000),
        "usual_visit": days(number),
    }


async def make_doctor(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, DOCTOR_PATH, await body_of_doctor(client) | given)
