"""Rows of warehouses."""

import itertools

from httpx import AsyncClient

from tests.samples import Json, create, short_text, text, url

WAREHOUSE_PATH = "/warehouses"
numbers = itertools.count(1)


def url_of_warehouse(row: Json) -> str:
    """Say where a row can be read."""
    return url(WAREHOUSE_PATH, row["code"])


async def body_of_warehouse(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    return {
        "code": short_text(number, 6),
        "city": text("city", number),
        "country": short_text(number, 2),
    }


async def make_warehouse(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, WAREHOUSE_PATH, await body_of_warehouse(client) | given)
