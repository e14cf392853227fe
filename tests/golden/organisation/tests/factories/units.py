"""Rows of units."""

import itertools

from httpx import AsyncClient

from tests.samples import Json, create, short_text, text, url

UNIT_PATH = "/units"
numbers = itertools.count(1)


def url_of_unit(row: Json) -> str:
    """Say where a row can be read."""
    return url(UNIT_PATH, row["code"])


async def body_of_unit(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    return {
        "code": text("code", number),
        "name": text("name", number),
        "cost_centre": short_text(number, 6),
    }


async def make_unit(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, UNIT_PATH, await body_of_unit(client) | given)
