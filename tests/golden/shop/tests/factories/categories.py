"""Rows of categories."""

import itertools

from httpx import AsyncClient

from tests.samples import Json, create, text, url

CATEGORY_PATH = "/categories"
numbers = itertools.count(1)


def url_of_category(row: Json) -> str:
    """Say where a row can be read."""
    return url(CATEGORY_PATH, row["id"])


async def body_of_category(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    return {
        "name": text("name", number),
    }


async def make_category(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, CATEGORY_PATH, await body_of_category(client) | given)
