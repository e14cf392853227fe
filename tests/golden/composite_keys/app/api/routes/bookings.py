"""Routes of bookings."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import DateTime, Integer, Key
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Booking
from app.schemas.bookings import BookingCreate, BookingQuery, BookingRead, BookingUpdate

router = APIRouter(prefix="/bookings", tags=["bookings"])


@router.get("", responses=refuses(422))
async def list_bookings(
    query: Annotated[BookingQuery, Query()], session: SessionDep
) -> Page[BookingRead]:
    """List bookings: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Booking, query), query, BookingRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_booking(
    body: BookingCreate, session: SessionDep, response: Response
) -> BookingRead:
    """Make a new booking."""
    booking = Booking(**body.model_dump(exclude_unset=True))
    await save(session, booking)
    response.headers["Location"] = location(
        "/bookings", booking.building, booking.room_number, booking.starts_at
    )
    return BookingRead.model_validate(booking)


@router.get("/{building}/{room_number}/{starts_at}", responses=refuses(404, 422))
async def read_booking(
    building: Key, room_number: Integer, starts_at: DateTime, session: SessionDep
) -> BookingRead:
    """Show one booking."""
    booking = await find(session, Booking, (building, room_number, starts_at))
    return BookingRead.model_validate(booking)


@router.patch("/{building}/{room_number}/{starts_at}", responses=refuses(400, 404, 409, 413, 422))
async def update_booking(
    building: Key,
    room_number: Integer,
    starts_at: DateTime,
    body: BookingUpdate,
    session: SessionDep,
) -> BookingRead:
    """Change what was sent of one booking, and nothing else."""
    booking = await find(session, Booking, (building, room_number, starts_at))
    await save(session, booking, body.model_dump(exclude_unset=True))
    return BookingRead.model_validate(booking)


@router.delete(
    "/{building}/{room_number}/{starts_at}", status_code=204, responses=refuses(404, 409, 422)
)
async def delete_booking(
    building: Key, room_number: Integer, starts_at: DateTime, session: SessionDep
) -> None:
    """Delete one booking for good."""
    booking = await find(session, Booking, (building, room_number, starts_at))
    await session.delete(booking)
    await session.commit()
