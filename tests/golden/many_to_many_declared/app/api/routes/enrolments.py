"""Routes of enrolments."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Enrolment
from app.schemas.enrolments import EnrolmentCreate, EnrolmentQuery, EnrolmentRead, EnrolmentUpdate

router = APIRouter(prefix="/enrolments", tags=["enrolments"])


@router.get("", responses=refuses(422))
async def list_enrolments(
    query: Annotated[EnrolmentQuery, Query()], session: SessionDep
) -> Page[EnrolmentRead]:
    """List enrolments: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Enrolment, query), query, EnrolmentRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_enrolment(
    body: EnrolmentCreate, session: SessionDep, response: Response
) -> EnrolmentRead:
    """Make a new enrolment."""
    enrolment = Enrolment(**body.model_dump(exclude_unset=True))
    await save(session, enrolment)
    response.headers["Location"] = location(
        "/enrolments", enrolment.student_id, enrolment.course_id
    )
    return EnrolmentRead.model_validate(enrolment)


@router.get("/{student_id}/{course_id}", responses=refuses(404, 422))
async def read_enrolment(
    student_id: Integer, course_id: Integer, session: SessionDep
) -> EnrolmentRead:
    """Show one enrolment."""
    enrolment = await find(session, Enrolment, (student_id, course_id))
    return EnrolmentRead.model_validate(enrolment)


@router.patch("/{student_id}/{course_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_enrolment(
    student_id: Integer, course_id: Integer, body: EnrolmentUpdate, session: SessionDep
) -> EnrolmentRead:
    """Change what was sent of one enrolment, and nothing else."""
    enrolment = await find(session, Enrolment, (student_id, course_id))
    await save(session, enrolment, body.model_dump(exclude_unset=True))
    return EnrolmentRead.model_validate(enrolment)


@router.delete("/{student_id}/{course_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_enrolment(student_id: Integer, course_id: Integer, session: SessionDep) -> None:
    """Delete one enrolment for good."""
    enrolment = await find(session, Enrolment, (student_id, course_id))
    await session.delete(enrolment)
    await session.commit()
