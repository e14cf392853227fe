"""Rows of customers."""

import itertools

from httpx import AsyncClient

from tests.samples import Json, create, decimal, text, url

CUSTOMER_PATH = "/customers"
numbers = itertools.count(1)


def url_of_customer(row: Json) -> str:
    """Say where a row can be read."""
    return url(CUSTOMER_PATH, row["id"])


async def body_of_customer(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    return {
        "email": text("email", number),
        "full_name": text("full-name", number),
        "tier": ["standard", "silver", "gold"][number % 3],
        "credit_limit": decimal(number % 1000000, 2),
    }


async def make_customer(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, CUSTOMER_PATH, await body_of_customer(client) | given)
