"""Routes of machines."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Machine
from app.schemas.machines import MachineCreate, MachineQuery, MachineRead, MachineUpdate

router = APIRouter(prefix="/machines", tags=["machines"])


@router.get("", responses=refuses(422))
async def list_machines(
    query: Annotated[MachineQuery, Query()], session: SessionDep
) -> Page[MachineRead]:
    """List machines: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Machine, query), query, MachineRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_machine(
    body: MachineCreate, session: SessionDep, response: Response
) -> MachineRead:
    """Make a new machine."""
    machine = Machine(**body.model_dump(exclude_unset=True))
    await save(session, machine)
    response.headers["Location"] = location("/machines", machine.id)
    return MachineRead.model_validate(machine)


@router.get("/{machine_id}", responses=refuses(404, 422))
async def read_machine(machine_id: Integer, session: SessionDep) -> MachineRead:
    """Show one machine."""
    machine = await find(session, Machine, machine_id)
    return MachineRead.model_validate(machine)


@router.patch("/{machine_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_machine(
    machine_id: Integer, body: MachineUpdate, session: SessionDep
) -> MachineRead:
    """Change what was sent of one machine, and nothing else."""
    machine = await find(session, Machine, machine_id)
    await save(session, machine, body.model_dump(exclude_unset=True))
    return MachineRead.model_validate(machine)


@router.delete("/{machine_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_machine(machine_id: Integer, session: SessionDep) -> None:
    """Delete one machine for good."""
    machine = await find(session, Machine, machine_id)
    await session.delete(machine)
    await session.commit()
