"""Routes of patients."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.clock import utc_now
from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.references import check_references
from app.core.rows import find, location, save
from app.models import Patient
from app.schemas.patients import PatientCreate, PatientQuery, PatientRead, PatientUpdate

router = APIRouter(prefix="/patients", tags=["patients"])


@router.get("", responses=refuses(422))
async def list_patients(
    query: Annotated[PatientQuery, Query()], session: SessionDep
) -> Page[PatientRead]:
    """List patients: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Patient, query), query, PatientRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_patient(
    body: PatientCreate, session: SessionDep, response: Response
) -> PatientRead:
    """Make a new patient."""
    patient = Patient(**body.model_dump(exclude_unset=True))
    await save(session, patient)
    response.headers["Location"] = location("/patients", patient.id)
    return PatientRead.model_validate(patient)


@router.get("/{patient_id}", responses=refuses(404, 422))
async def read_patient(
    patient_id: Integer, session: SessionDep, include_deleted: bool = False
) -> PatientRead:
    """Show one patient."""
    patient = await find(session, Patient, patient_id, include_deleted=include_deleted)
    return PatientRead.model_validate(patient)


@router.patch("/{patient_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_patient(
    patient_id: Integer, body: PatientUpdate, session: SessionDep
) -> PatientRead:
    """Change what was sent of one patient, and nothing else."""
    patient = await find(session, Patient, patient_id)
    await save(session, patient, body.model_dump(exclude_unset=True))
    return PatientRead.model_validate(patient)


@router.delete("/{patient_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_patient(patient_id: Integer, session: SessionDep) -> None:
    """Hide one patient; it can be restored."""
    patient = await find(session, Patient, patient_id)
    patient.is_deleted = True
    patient.deleted_at = utc_now()
    await session.commit()


@router.post("/{patient_id}/restore", responses=refuses(404, 422))
async def restore_patient(patient_id: Integer, session: SessionDep) -> PatientRead:
    """Bring one deleted patient back; it may be there already."""
    patient = await find(session, Patient, patient_id, include_deleted=True)
    await check_references(session, patient, old_too=True)
    patient.is_deleted = False
    patient.deleted_at = None
    await save(session, patient)
    return PatientRead.model_validate(patient)
