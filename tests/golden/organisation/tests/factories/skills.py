"""Rows of skills."""

import itertools

from httpx import AsyncClient

from tests.samples import Json, create, text, url

SKILL_PATH = "/skills"
numbers = itertools.count(1)


def url_of_skill(row: Json) -> str:
    """Say where a row can be read."""
    return url(SKILL_PATH, row["name"])


async def body_of_skill(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    return {
        "name": text("name", number),
    }


async def make_skill(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, SKILL_PATH, await body_of_skill(client) | given)
