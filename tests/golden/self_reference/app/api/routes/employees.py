"""Routes of employees."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Employee
from app.schemas.employees import EmployeeCreate, EmployeeQuery, EmployeeRead, EmployeeUpdate

router = APIRouter(prefix="/employees", tags=["employees"])


@router.get("", responses=refuses(422))
def list_employees(
    query: Annotated[EmployeeQuery, Query()], session: SessionDep
) -> Page[EmployeeRead]:
    """List employees: filtered, sorted, a page at a time."""
    return paginate(session, select_rows(Employee, query), query, EmployeeRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
def create_employee(body: EmployeeCreate, session: SessionDep, response: Response) -> EmployeeRead:
    """Make a new employee."""
    employee = Employee(**body.model_dump(exclude_unset=True))
    save(session, employee)
    response.headers["Location"] = location("/employees", employee.id)
    return EmployeeRead.model_validate(employee)


@router.get("/{employee_id}", responses=refuses(404, 422))
def read_employee(employee_id: Integer, session: SessionDep) -> EmployeeRead:
    """Show one employee."""
    employee = find(session, Employee, employee_id)
    return EmployeeRead.model_validate(employee)


@router.patch("/{employee_id}", responses=refuses(400, 404, 409, 413, 422))
def update_employee(
    employee_id: Integer, body: EmployeeUpdate, session: SessionDep
) -> EmployeeRead:
    """Change what was sent of one employee, and nothing else."""
    employee = find(session, Employee, employee_id)
    save(session, employee, body.model_dump(exclude_unset=True))
    return EmployeeRead.model_validate(employee)


@router.delete("/{employee_id}", status_code=204, responses=refuses(404, 409, 422))
def delete_employee(employee_id: Integer, session: SessionDep) -> None:
    """Delete one employee for good."""
    employee = find(session, Employee, employee_id)
    session.delete(employee)
    session.commit()
