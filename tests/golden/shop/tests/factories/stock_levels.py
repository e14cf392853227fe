"""Rows of stock levels."""

import itertools

from httpx import AsyncClient

from tests.factories.products import make_product
from tests.factories.warehouses import make_warehouse
from tests.samples import Json, create, url

STOCK_LEVEL_PATH = "/stock-levels"
numbers = itertools.count(1)


def url_of_stock_level(row: Json) -> str:
    """Say where a row can be read."""
    return url(STOCK_LEVEL_PATH, row["warehouse_code"], row["product_sku"])


async def body_of_stock_level(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    product_sku_row = await make_product(client)
    warehouse_code_row = await make_warehouse(client)
    return {
        "warehouse_code": warehouse_code_row["code"],
        "product_sku": product_sku_row["sku"],
        "quantity": number,
        "reserved": number,
    }


async def make_stock_level(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, STOCK_LEVEL_PATH, await body_of_stock_level(client) | given)
