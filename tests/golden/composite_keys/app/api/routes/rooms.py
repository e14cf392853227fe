"""Routes of rooms."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.database import SessionDep
from app.core.errors import refuses
from app.core.fields import Integer, Key
from app.core.filters import select_rows
from app.core.pagination import Page, paginate
from app.core.rows import find, location, save
from app.models import Room
from app.schemas.rooms import RoomCreate, RoomQuery, RoomRead, RoomUpdate

router = APIRouter(prefix="/rooms", tags=["rooms"])


@router.get("", responses=refuses(422))
async def list_rooms(query: Annotated[RoomQuery, Query()], session: SessionDep) -> Page[RoomRead]:
    """List rooms: filtered, sorted, a page at a time."""
    return await paginate(session, select_rows(Room, query), query, RoomRead)


@router.post("", status_code=201, responses=refuses(400, 409, 413, 422))
async def create_room(body: RoomCreate, session: SessionDep, response: Response) -> RoomRead:
    """Make a new room."""
    room = Room(**body.model_dump(exclude_unset=True))
    await save(session, room)
    response.headers["Location"] = location("/rooms", room.building, room.number)
    return RoomRead.model_validate(room)


@router.get("/{building}/{number}", responses=refuses(404, 422))
async def read_room(building: Key, number: Integer, session: SessionDep) -> RoomRead:
    """Show one room."""
    room = await find(session, Room, (building, number))
    return RoomRead.model_validate(room)


@router.patch("/{building}/{number}", responses=refuses(400, 404, 409, 413, 422))
async def update_room(
    building: Key, number: Integer, body: RoomUpdate, session: SessionDep
) -> RoomRead:
    """Change what was sent of one room, and nothing else."""
    room = await find(session, Room, (building, number))
    await save(session, room, body.model_dump(exclude_unset=True))
    return RoomRead.model_validate(room)


@router.delete("/{building}/{number}", status_code=204, responses=refuses(404, 409, 422))
async def delete_room(building: Key, number: Integer, session: SessionDep) -> None:
    """Delete one room for good."""
    room = await find(session, Room, (building, number))
    await session.delete(room)
    await session.commit()
