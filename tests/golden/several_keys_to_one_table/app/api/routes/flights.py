"""Routes of flights."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Flight
from app.schemas.flights import FlightCreate, FlightQuery, FlightRead, FlightUpdate

router = APIRouter(prefix="/flights", tags=["flights"])


@router.get("", responses=refuses(422))
async def list_flights(
    query: Annotated[FlightQuery, Query()], session: SessionDep
) -> Page[FlightRead]:
    """List flights: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Flight, query), query, FlightRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_flight(body: FlightCreate, session: SessionDep, response: Response) -> FlightRead:
    """Make a new flight."""
    flight = Flight(**body.model_dump(exclude_unset=True))
    await save(session, flight)
    response.headers["Location"] = location("/flights", flight.id)
    return FlightRead.model_validate(flight)


@router.get("/{flight_id}", responses=refuses(404, 422))
async def read_flight(flight_id: Integer, session: SessionDep) -> FlightRead:
    """Show one flight."""
    flight = await find(session, Flight, flight_id)
    return FlightRead.model_validate(flight)


@router.patch("/{flight_id}", responses=refuses(400, 404, 409, 413, 422))
async def update_flight(flight_id: Integer, body: FlightUpdate, session: SessionDep) -> FlightRead:
    """Change what was sent of one flight, and nothing else."""
    flight = await find(session, Flight, flight_id)
    await save(session, flight, body.model_dump(exclude_unset=True))
    return FlightRead.model_validate(flight)


@router.delete("/{flight_id}", status_code=204, responses=refuses(404, 409, 422))
async def delete_flight(flight_id: Integer, session: SessionDep) -> None:
    """Delete one flight for good."""
    flight = await find(session, Flight, flight_id)
    await session.delete(flight)
    await session.commit()
