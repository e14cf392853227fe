"""Rows of people."""

import itertools

from httpx import AsyncClient

from tests.factories.units import make_unit
from tests.samples import Json, create, date, text, url, uuid

PERSON_PATH = "/people"
numbers = itertools.count(1)


def url_of_person(row: Json) -> str:
    """Say where a row can be read."""
    return url(PERSON_PATH, row["id"])


async def body_of_person(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    unit_code_row = await make_unit(client)
    return {
        "id": uuid(number),
        "name": text("name", number),
        "email": text("email", number),
        "unit_code": unit_code_row["code"],
        "joined_on": date(number),
        "left_on": date(number),
    }


async def make_person(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, PERSON_PATH, await body_of_person(client) | given)
