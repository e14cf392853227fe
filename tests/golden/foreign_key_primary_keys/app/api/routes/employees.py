"""Routes of employees."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import BigInteger
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Employee
from app.schemas.employees import EmployeeCreate, EmployeeQuery, EmployeeRead, EmployeeUpdate

router = APIRouter(prefix="/employees", tags=["employees"])


@router.get("", responses=refuses(422))
async def list_employees(
    query: Annotated[EmployeeQuery, Query()], session: SessionDep
) -> Page[EmployeeRead]:
    """List employees: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Employee, query), query, EmployeeRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_employee(
    body: EmployeeCreate, session: SessionDep, response: Response
) -> EmployeeRead:
    """Make a new employee."""
    employee = Employee(**body.model_dump(exclude_unset=True))
    await save(session, employee)
    response.headers["Location"] = location("/employees", employee.person_id)
    return EmployeeRead.model_validate(employee)


@router.get("/{person_id}", responses=refuses(404, 422))
async def read_employee(person_id: BigInteger, session: SessionDep) -> EmployeeRead:
    """Show one employee."""
    employee = await find(session, Employee, person_id)
    return EmployeeRead.model_validate(employee)


@router.patch("/{person_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_employee(
    person_id: BigInteger, body: EmployeeUpdate, session: SessionDep
) -> EmployeeRead:
    """Change what was sent of one employee, and nothing else."""
    employee = await find(session, Employee, person_id)
    await save(session, employee, body.model_dump(exclude_unset=True))
    return EmployeeRead.model_validate(employee)


@router.delete("/{person_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_employee(person_id: BigInteger, session: SessionDep) -> None:
    """Delete one employee for good."""
    employee = await find(session, Employee, person_id)
    await session.delete(employee)
    await session.commit()
