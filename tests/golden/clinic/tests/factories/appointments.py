"""Rows of appointments."""

import itertools

from httpx import AsyncClient

from tests.factories.doctors import make_doctor
from tests.factories.patients import make_patient
from tests.samples import Json, create, days, moment, text, url

APPOINTMENT_PATH = "/appointments"
numbers = itertools.count(1)


def url_of_appointment(row: Json) -> str:
    """Say where a row can be read."""
    return url(APPOINTMENT_PATH, row["id"])


async def body_of_appointment(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    doctor = await make_doctor(client)
    patient = await make_patient(client)
    return {
        "patient_id": patient["id"],
        "doctor_id": doctor["id"],
        "starts_at": moment(number),
        "duration": days(number),
        "reason": text("reason", number),
        "state": ["booked", "arrived", "in progress", "done", "missed"][number % 5],
    }


async def make_appointment(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, APPOINTMENT_PATH, await body_of_appointment(client) | given)
