"""Routes of units."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Key
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Unit
from app.schemas.units import UnitCreate, UnitQuery, UnitRead, UnitUpdate

router = APIRouter(prefix="/units", tags=["units"])


@router.get("", responses=refuses(422))
async def list_units(query: Annotated[UnitQuery, Query()], session: SessionDep) -> Page[UnitRead]:
    """List units: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Unit, query), query, UnitRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_unit(body: UnitCreate, session: SessionDep, response: Response) -> UnitRead:
    """Make a new unit."""
    unit = Unit(**body.model_dump(exclude_unset=True))
    await save(session, unit)
    response.headers["Location"] = location("/units", unit.code)
    return UnitRead.model_validate(unit)


@router.get("/{code}", responses=refuses(404, 422))
async def read_unit(code: Key, session: SessionDep) -> UnitRead:
    """Show one unit."""
    unit = await find(session, Unit, code)
    return UnitRead.model_validate(unit)


@router.patch("/{code}", responses=refuses(400, 404, 409, 413, 422))
async def update_unit(code: Key, body: UnitUpdate, session: SessionDep) -> UnitRead:
    """Change what was sent of one unit, and nothing else."""
    unit = await find(session, Unit, code)
    await save(session, unit, body.model_dump(exclude_unset=True))
    return UnitRead.model_validate(unit)


@router.delete("/{code}", status_code=204, responses=refuses(404, 409, 422))
async def delete_unit(code: Key, session: SessionDep) -> None:
    """Delete one unit for good."""
    unit = await find(session, Unit, code)
    await session.delete(unit)
    await session.commit()
