"""Routes of projects."""

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
from app.models import Project
from app.schemas.projects import ProjectCreate, ProjectQuery, ProjectRead, ProjectUpdate

router = APIRouter(prefix="/projects", tags=["projects"])


@router.get("", responses=refuses(422))
async def list_projects(
    query: Annotated[ProjectQuery, Query()], session: SessionDep
) -> Page[ProjectRead]:
    """List projects: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Project, query), query, ProjectRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_project(
    body: ProjectCreate, session: SessionDep, response: Response
) -> ProjectRead:
    """Make a new project."""
    project = Project(**body.model_dump(exclude_unset=True))
    await save(session, project)
    response.headers["Location"] = location("/projects", project.id)
    return ProjectRead.model_validate(project)


@router.get("/{project_id}", responses=refuses(404, 422))
async def read_project(
    project_id: Integer, session: SessionDep, include_deleted: bool = False
) -> ProjectRead:
    """Show one project."""
    project = await find(session, Project, project_id, include_deleted=include_deleted)
    return ProjectRead.model_validate(project)


@router.patch("/{project_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_project(
    project_id: Integer, body: ProjectUpdate, session: SessionDep
) -> ProjectRead:
    """Change what was sent of one project, and nothing else."""
    project = await find(session, Project, project_id)
    await save(session, project, body.model_dump(exclude_unset=True))
    return ProjectRead.model_validate(project)


@router.delete("/{project_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_project(project_id: Integer, session: SessionDep) -> None:
    """Hide one project; it can be restored."""
    project = await find(session, Project, project_id)
    project.is_deleted = True
    project.deleted_at = utc_now()
    await session.commit()


@router.post("/{project_id}/restore", responses=refuses(404, 422))
async def restore_project(project_id: Integer, session: SessionDep) -> ProjectRead:
    """Bring one deleted project back; it may be there already."""
    project = await find(session, Project, project_id, include_deleted=True)
    await check_references(session, project, old_too=True)
    project.is_deleted = False
    project.deleted_at = None
    await save(session, project)
    return ProjectRead.model_validate(project)
