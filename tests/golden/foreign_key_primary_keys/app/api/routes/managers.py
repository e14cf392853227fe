"""Routes of managers."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import BigInteger
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Manager
from app.schemas.managers import ManagerCreate, ManagerQuery, ManagerRead, ManagerUpdate

router = APIRouter(prefix="/managers", tags=["managers"])


@router.get("", responses=refuses(422))
async def list_managers(
    query: Annotated[ManagerQuery, Query()], session: SessionDep
) -> Page[ManagerRead]:
    """List managers: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Manager, query), query, ManagerRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_manager(
    body: ManagerCreate, session: SessionDep, response: Response
) -> ManagerRead:
    """Make a new manager."""
    manager = Manager(**body.model_dump(exclude_unset=True))
    await save(session, manager)
    response.headers["Location"] = location("/managers", manager.employee_id)
    return ManagerRead.model_validate(manager)


@router.get("/{employee_id}", responses=refuses(404, 422))
async def read_manager(employee_id: BigInteger, session: SessionDep) -> ManagerRead:
    """Show one manager."""
    manager = await find(session, Manager, employee_id)
    return ManagerRead.model_validate(manager)


@router.patch("/{employee_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_manager(
    employee_id: BigInteger, body: ManagerUpdate, session: SessionDep
) -> ManagerRead:
    """Change what was sent of one manager, and nothing else."""
    manager = await find(session, Manager, employee_id)
    await save(session, manager, body.model_dump(exclude_unset=True))
    return ManagerRead.model_validate(manager)


@router.delete("/{employee_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_manager(employee_id: BigInteger, session: SessionDep) -> None:
    """Delete one manager for good."""
    manager = await find(session, Manager, employee_id)
    await session.delete(manager)
    await session.commit()
