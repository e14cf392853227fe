"""Routes of assignments."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer, Uuid
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Assignment
from app.schemas.assignments import (
    AssignmentCreate,
    AssignmentQuery,
    AssignmentRead,
    AssignmentUpdate,
)

router = APIRouter(prefix="/assignments", tags=["assignments"])


@router.get("", responses=refuses(422))
async def list_assignments(
    query: Annotated[AssignmentQuery, Query()], session: SessionDep
) -> Page[AssignmentRead]:
    """List assignments: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Assignment, query), query, AssignmentRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_assignment(
    body: AssignmentCreate, session: SessionDep, response: Response
) -> AssignmentRead:
    """Make a new assignment."""
    assignment = Assignment(**body.model_dump(exclude_unset=True))
    await save(session, assignment)
    response.headers["Location"] = location(
        "/assignments", assignment.project_id, assignment.person_id
    )
    return AssignmentRead.model_validate(assignment)


@router.get("/{project_id}/{person_id}", responses=refuses(404, 422))
async def read_assignment(
    project_id: Integer, person_id: Uuid, session: SessionDep
) -> AssignmentRead:
    """Show one assignment."""
    assignment = await find(session, Assignment, (project_id, person_id))
    return AssignmentRead.model_validate(assignment)


@router.patch("/{project_id}/{person_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_assignment(
    project_id: Integer, person_id: Uuid, body: AssignmentUpdate, session: SessionDep
) -> AssignmentRead:
    """Change what was sent of one assignment, and nothing else."""
    assignment = await find(session, Assignment, (project_id, person_id))
    await save(session, assignment, body.model_dump(exclude_unset=True))
    return AssignmentRead.model_validate(assignment)


@router.delete("/{project_id}/{person_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_assignment(project_id: Integer, person_id: Uuid, session: SessionDep) -> None:
    """Delete one assignment for good."""
    assignment = await find(session, Assignment, (project_id, person_id))
    await session.delete(assignment)
    await session.commit()
