"""Rows of order."""

import itertools

from httpx import AsyncClient

from tests.factories.class_ import make_class_
from tests.samples import Json, binary, clock, create, days, decimal, text, url, uuid

ORDER_PATH = "/order"
numbers = itertools.count(1)


def url_of_order(row: Json) -> str:
    """Say where a row can be read."""
    return url(ORDER_PATH, row["id"])


async def body_of_order(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    user_row = await make_class_(client)
    return {
        "id": uuid(number),
        "user": user_row["import"],
        "select": decimal(number % 1000000, 6),
        "where": clock(number),
        "limit": days(number),
        "offset": number,
        "sort": text("sort", number),
        "total": number,
        "items": number,
        "desc": binary(number, 4),
    }


async def make_order(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, ORDER_PATH, await body_of_order(client) | given)
