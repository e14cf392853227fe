"""Routes of airports."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Key
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Airport
from app.schemas.airports import AirportCreate, AirportQuery, AirportRead, AirportUpdate

router = APIRouter(prefix="/airports", tags=["airports"])


@router.get("", responses=refuses(422))
async def list_airports(
    query: Annotated[AirportQuery, Query()], session: SessionDep
) -> Page[AirportRead]:
    """List airports: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Airport, query), query, AirportRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_airport(
    body: AirportCreate, session: SessionDep, response: Response
) -> AirportRead:
    """Make a new airport."""
    airport = Airport(**body.model_dump(exclude_unset=True))
    await save(session, airport)
    response.headers["Location"] = location("/airports", airport.code)
    return AirportRead.model_validate(airport)


@router.get("/{code}", responses=refuses(404, 422))
async def read_airport(code: Key, session: SessionDep) -> AirportRead:
    """Show one airport."""
    airport = await find(session, Airport, code)
    return AirportRead.model_validate(airport)


@router.patch("/{code}", responses=refuses(400, 404, 409, 413, 422))
async def update_airport(code: Key, body: AirportUpdate, session: SessionDep) -> AirportRead:
    """Change what was sent of one airport, and nothing else."""
    airport = await find(session, Airport, code)
    await save(session, airport, body.model_dump(exclude_unset=True))
    return AirportRead.model_validate(airport)


@router.delete("/{code}", status_code=204, responses=refuses(404, 409, 422))
async def delete_airport(code: Key, session: SessionDep) -> None:
    """Delete one airport for good."""
    airport = await find(session, Airport, code)
    await session.delete(airport)
    await session.commit()
