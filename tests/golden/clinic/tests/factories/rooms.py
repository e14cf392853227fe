"""Rows of rooms."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.rooms import RoomCreate
from tests.rows import Json, add, number_of, url
from tests.samples import short_text

ROOM_PATH = "/rooms"


def url_of_room(row: Json) -> str:
    """Say where a row can be read."""
    return url(ROOM_PATH, row["number"])


async def body_of_room(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "rooms")
    return {
        "number": short_text(number, 6),
        "floor": number,
        "has_sink": number % 2 == 1,
    }


async def make_room(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = RoomCreate.model_validate(await body_of_room(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Room(**values))
