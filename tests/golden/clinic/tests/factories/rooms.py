"""Rows of rooms."""

import itertools

from httpx import AsyncClient

from tests.samples import Json, create, short_text, url

ROOM_PATH = "/rooms"
numbers = itertools.count(1)


def url_of_room(row: Json) -> str:
    """Say where a row can be read."""
    return url(ROOM_PATH, row["number"])


async def body_of_room(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    return {
        "number": short_text(number, 6),
        "floor": number,
        "has_sink": number % 2 == 1,
    }


async def make_room(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, ROOM_PATH, await body_of_room(client) | given)
