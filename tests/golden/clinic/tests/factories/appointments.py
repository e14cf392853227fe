"""Rows of appointments."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.appointments import AppointmentCreate
from tests.factories.doctors import make_doctor
from tests.factories.patients import make_patient
from tests.rows import Json, add, number_of, url
from tests.samples import days, moment, text

APPOINTMENT_PATH = "/appointments"


def url_of_appointment(row: Json) -> str:
    """Say where a row can be read."""
    return url(APPOINTMENT_PATH, row["id"])


async def body_of_appointment(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "appointments")
    doctor = await make_doctor(session)
    patient = await make_patient(session)
    return {
        "patient_id": patient["id"],
        "doctor_id": doctor["id"],
        "starts_at": moment(number),
        "duration": days(number),
        "reason": text("reason", number),
        "state": ["booked", "arrived", "in progress", "done", "missed"][number % 5],
    }


async def make_appointment(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = AppointmentCreate.model_validate(await body_of_appointment(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Appointment(**values))
