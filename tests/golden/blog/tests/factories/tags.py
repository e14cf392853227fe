"""Rows of tags."""

import itertools

from httpx import AsyncClient

from tests.samples import Json, create, text, url

TAG_PATH = "/tags"
numbers = itertools.count(1)


def url_of_tag(row: Json) -> str:
    """Say where a row can be read."""
    return url(TAG_PATH, row["id"])


async def body_of_tag(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    return {
        "name": text("name", number),
    }


async def make_tag(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, TAG_PATH, await body_of_tag(client) | given)
