"""Routes of diagnoses."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import BigInteger
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Diagnosis
from app.schemas.diagnoses import DiagnosisCreate, DiagnosisQuery, DiagnosisRead, DiagnosisUpdate

router = APIRouter(prefix="/diagnoses", tags=["diagnoses"])


@router.get("", responses=refuses(422))
async def list_diagnoses(
    query: Annotated[DiagnosisQuery, Query()], session: SessionDep
) -> Page[DiagnosisRead]:
    """List diagnoses: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Diagnosis, query), query, DiagnosisRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_diagnosis(
    body: DiagnosisCreate, session: SessionDep, response: Response
) -> DiagnosisRead:
    """Make a new diagnosis."""
    diagnosis = Diagnosis(**body.model_dump(exclude_unset=True))
    await save(session, diagnosis)
    response.headers["Location"] = location("/diagnoses", diagnosis.id)
    return DiagnosisRead.model_validate(diagnosis)


@router.get("/{diagnosis_id}", responses=refuses(404, 422))
async def read_diagnosis(diagnosis_id: BigInteger, session: SessionDep) -> DiagnosisRead:
    """Show one diagnosis."""
    diagnosis = await find(session, Diagnosis, diagnosis_id)
    return DiagnosisRead.model_validate(diagnosis)


@router.patch("/{diagnosis_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_diagnosis(
    diagnosis_id: BigInteger, body: DiagnosisUpdate, session: SessionDep
) -> DiagnosisRead:
    """Change what was sent of one diagnosis, and nothing else."""
    diagnosis = await find(session, Diagnosis, diagnosis_id)
    await save(session, diagnosis, body.model_dump(exclude_unset=True))
    return DiagnosisRead.model_validate(diagnosis)


@router.delete("/{diagnosis_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_diagnosis(diagnosis_id: BigInteger, session: SessionDep) -> None:
    """Delete one diagnosis for good."""
    diagnosis = await find(session, Diagnosis, diagnosis_id)
    await session.delete(diagnosis)
    await session.commit()
