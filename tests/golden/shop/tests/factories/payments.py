"""Rows of payments."""

import itertools

from httpx import AsyncClient

from tests.factories.orders import make_order
from tests.samples import Json, create, decimal, moment, url

PAYMENT_PATH = "/payments"
numbers = itertools.count(1)


def url_of_payment(row: Json) -> str:
    """Say where a row can be read."""
    return url(PAYMENT_PATH, row["id"])


async def body_of_payment(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    order = await make_order(client)
    return {
        "order_id": order["id"],
        "method": ["card", "transfer", "cash on delivery", "voucher"][number % 4],
        "amount": decimal(number % 1000000, 2),
        "received_at": moment(number),
    }


async def make_payment(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, PAYMENT_PATH, await body_of_payment(client) | given)
