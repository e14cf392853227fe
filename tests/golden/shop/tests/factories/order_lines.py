"""Rows of order lines."""

import itertools

from httpx import AsyncClient

from tests.factories.orders import make_order
from tests.factories.products import make_product
from tests.samples import Json, create, decimal, url

ORDER_LINE_PATH = "/order-lines"
numbers = itertools.count(1)


def url_of_order_line(row: Json) -> str:
    """Say where a row can be read."""
    return url(ORDER_LINE_PATH, row["order_id"], row["line_number"])


async def body_of_order_line(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    order = await make_order(client)
    product_sku_row = await make_product(client)
    return {
        "order_id": order["id"],
        "line_number": number,
        "product_sku": product_sku_row["sku"],
        "quantity": number,
        "unit_price": decimal(number % 1000000, 2),
    }


async def make_order_line(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, ORDER_LINE_PATH, await body_of_order_line(client) | given)
