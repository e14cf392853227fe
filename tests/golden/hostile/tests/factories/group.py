"""Rows of group."""

import itertools

from httpx import AsyncClient

from tests.factories.order import make_order
from tests.samples import Json, anything, create, text, url

GROUP_PATH = "/group"
numbers = itertools.count(1)


def url_of_group(row: Json) -> str:
    """Say where a row can be read."""
    return url(GROUP_PATH, row["order"], row["key"])


async def body_of_group(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    order_row = await make_order(client)
    return {
        "order": order_row["id"],
        "key": text("key", number),
        "values": anything(number),
    }


async def make_group(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, GROUP_PATH, await body_of_group(client) | given)
