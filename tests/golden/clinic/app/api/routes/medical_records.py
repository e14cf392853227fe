"""Routes of medical records."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import MedicalRecord
from app.schemas.medical_records import (
    MedicalRecordCreate,
    MedicalRecordQuery,
    MedicalRecordRead,
    MedicalRecordUpdate,
)

router = APIRouter(prefix="/medical-records", tags=["medical_records"])


@router.get("", responses=refuses(422))
async def list_medical_records(
    query: Annotated[MedicalRecordQuery, Query()], session: SessionDep
) -> Page[MedicalRecordRead]:
    """List medical records: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(MedicalRecord, query), query, MedicalRecordRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_medical_record(
    body: MedicalRecordCreate, session: SessionDep, response: Response
) -> MedicalRecordRead:
    """Make a new medical record."""
    medical_record = MedicalRecord(**body.model_dump(exclude_unset=True))
    await save(session, medical_record)
    response.headers["Location"] = location("/medical-records", medical_record.patient_id)
    return MedicalRecordRead.model_validate(medical_record)


@router.get("/{patient_id}", responses=refuses(404, 422))
async def read_medical_record(patient_id: Integer, session: SessionDep) -> MedicalRecordRead:
    """Show one medical record."""
    medical_record = await find(session, MedicalRecord, patient_id)
    return MedicalRecordRead.model_validate(medical_record)


@router.patch("/{patient_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_medical_record(
    patient_id: Integer, body: MedicalRecordUpdate, session: SessionDep
) -> MedicalRecordRead:
    """Change what was sent of one medical record, and nothing else."""
    medical_record = await find(session, MedicalRecord, patient_id)
    await save(session, medical_record, body.model_dump(exclude_unset=True))
    return MedicalRecordRead.model_validate(medical_record)


@router.delete("/{patient_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_medical_record(patient_id: Integer, session: SessionDep) -> None:
    """Delete one medical record for good."""
    medical_record = await find(session, MedicalRecord, patient_id)
    await session.delete(medical_record)
    await session.commit()
