"""Rows of badges."""

import itertools

from httpx import AsyncClient

from tests.samples import Json, create, text, url

BADGE_PATH = "/badges"
numbers = itertools.count(1)


def url_of_badge(row: Json) -> str:
    """Say where a row can be read."""
    return url(BADGE_PATH, row["serial"])


async def body_of_badge(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    return {
        "serial": text("serial", number),
        "blocked": number % 2 == 1,
    }


async def make_badge(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, BADGE_PATH, await body_of_badge(client) | given)
