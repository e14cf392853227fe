"""Rows of products."""

import itertools

from httpx import AsyncClient

from tests.samples import Json, anything, create, decimal, text, url

PRODUCT_PATH = "/products"
numbers = itertools.count(1)


def url_of_product(row: Json) -> str:
    """Say where a row can be read."""
    return url(PRODUCT_PATH, row["sku"])


async def body_of_product(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    return {
        "sku": text("sku", number),
        "title": text("title", number),
        "details": anything(number),
        "price": decimal(number % 1000000, 2),
        "vat_rate": ["0.000", "0.001", "1.000", "0.999"][number % 4],
        "weight_kg": number + 0.5,
        "discontinued": number % 2 == 1,
    }


async def make_product(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, PRODUCT_PATH, await body_of_product(client) | given)
