"""Rows of projects."""

import itertools

from httpx import AsyncClient

from tests.factories.units import make_unit
from tests.samples import Json, create, decimal, text, url

PROJECT_PATH = "/projects"
numbers = itertools.count(1)


def url_of_project(row: Json) -> str:
    """Say where a row can be read."""
    return url(PROJECT_PATH, row["id"])


async def body_of_project(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    owner_code_row = await make_unit(client)
    return {
        "title": text("title", number),
        "owner_code": owner_code_row["code"],
        "budget": decimal(number % 1000000, 2),
    }


async def make_project(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, PROJECT_PATH, await body_of_project(client) | given)
