"""Routes of doctors."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.clock import utc_now
from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.references import check_unused
from app.core.rows import find, location, save
from app.models import Doctor
from app.schemas.doctors import DoctorCreate, DoctorQuery, DoctorRead, DoctorUpdate

router = APIRouter(prefix="/doctors", tags=["doctors"])


@router.get("", responses=refuses(422))
async def list_doctors(
    query: Annotated[DoctorQuery, Query()], session: SessionDep
) -> Page[DoctorRead]:
    """List doctors: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Doctor, query), query, DoctorRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_doctor(body: DoctorCreate, session: SessionDep, response: Response) -> DoctorRead:
    """Make a new doctor."""
    doctor = Doctor(**body.model_dump(exclude_unset=True))
    await save(session, doctor)
    response.headers["Location"] = location("/doctors", doctor.id)
    return DoctorRead.model_validate(doctor)


@router.get("/{doctor_id}", responses=refuses(404, 422))
async def read_doctor(
    doctor_id: Integer, session: SessionDep, include_deleted: bool = False
) -> DoctorRead:
    """Show one doctor."""
    doctor = await find(session, Doctor, doctor_id, include_deleted=include_deleted)
    return DoctorRead.model_validate(doctor)


@router.patch("/{doctor_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_doctor(doctor_id: Integer, body: DoctorUpdate, session: SessionDep) -> DoctorRead:
    """Change what was sent of one doctor, and nothing else."""
    doctor = await find(session, Doctor, doctor_id)
    await save(session, doctor, body.model_dump(exclude_unset=True))
    return DoctorRead.model_validate(doctor)


@router.delete("/{doctor_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_doctor(doctor_id: Integer, session: SessionDep) -> None:
    """Hide one doctor; it can be restored."""
    doctor = await find(session, Doctor, doctor_id)
    await check_unused(session, doctor)
    doctor.is_deleted = True
    doctor.deleted_at = utc_now()
    await session.commit()


@router.post("/{doctor_id}/restore", responses=refuses(404, 422))
async def restore_doctor(doctor_id: Integer, session: SessionDep) -> DoctorRead:
    """Bring one deleted doctor back; it may be there already."""
    doctor = await find(session, Doctor, doctor_id, include_deleted=True)
    doctor.is_deleted = False
    doctor.deleted_at = None
    await save(session, doctor)
    return DoctorRead.model_validate(doctor)
