"""Rows of only key."""

import itertools

from httpx import AsyncClient

from tests.samples import Json, create, text, url

ONLY_KEY_PATH = "/only-key"
numbers = itertools.count(1)


def url_of_only_key(row: Json) -> str:
    """Say where a row can be read."""
    return url(ONLY_KEY_PATH, row["id"])


async def body_of_only_key(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    return {
        "note": text("note", number),
    }


async def make_only_key(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, ONLY_KEY_PATH, await body_of_only_key(client) | given)
