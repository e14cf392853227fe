"""Routes of appointments."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import BigInteger
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Appointment
from app.schemas.appointments import (
    AppointmentCreate,
    AppointmentQuery,
    AppointmentRead,
    AppointmentUpdate,
)

router = APIRouter(prefix="/appointments", tags=["appointments"])


@router.get("", responses=refuses(422))
async def list_appointments(
    query: Annotated[AppointmentQuery, Query()], session: SessionDep
) -> Page[AppointmentRead]:
    """List appointments: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Appointment, query), query, AppointmentRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_appointment(
    body: AppointmentCreate, session: SessionDep, response: Response
) -> AppointmentRead:
    """Make a new appointment."""
    appointment = Appointment(**body.model_dump(exclude_unset=True))
    await save(session, appointment)
    response.headers["Location"] = location("/appointments", appointment.id)
    return AppointmentRead.model_validate(appointment)


@router.get("/{appointment_id}", responses=refuses(404, 422))
async def read_appointment(appointment_id: BigInteger, session: SessionDep) -> AppointmentRead:
    """Show one appointment."""
    appointment = await find(session, Appointment, appointment_id)
    return AppointmentRead.model_validate(appointment)


@router.patch("/{appointment_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_appointment(
    appointment_id: BigInteger, body: AppointmentUpdate, session: SessionDep
) -> AppointmentRead:
    """Change what was sent of one appointment, and nothing else."""
    appointment = await find(session, Appointment, appointment_id)
    await save(session, appointment, body.model_dump(exclude_unset=True))
    return AppointmentRead.model_validate(appointment)


@router.delete("/{appointment_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_appointment(appointment_id: BigInteger, session: SessionDep) -> None:
    """Delete one appointment for good."""
    appointment = await find(session, Appointment, appointment_id)
    await session.delete(appointment)
    await session.commit()
