"""Rows of orders."""

import itertools

from httpx import AsyncClient

from tests.factories.customers import make_customer
from tests.samples import Json, create, date, moment, text, url, uuid

ORDER_PATH = "/orders"
numbers = itertools.count(1)


def url_of_order(row: Json) -> str:
    """Say where a row can be read."""
    return url(ORDER_PATH, row["id"])


async def body_of_order(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    customer = await make_customer(client)
    return {
        "customer_id": customer["id"],
        "reference": uuid(number),
        "status": ["cart", "placed", "paid", "shipped", "delivered", "cancelled"][number % 6],
        "placed_at": moment(number),
        "deliver_on": date(number),
        "note": text("note", number),
    }


async def make_order(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, ORDER_PATH, await body_of_order(client) | given)
