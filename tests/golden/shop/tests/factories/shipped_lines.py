"""Rows of shipped lines."""

import itertools

from httpx import AsyncClient

from tests.factories.order_lines import make_order_line
from tests.samples import Json, create, moment, text, url

SHIPPED_LINE_PATH = "/shipped-lines"
numbers = itertools.count(1)


def url_of_shipped_line(row: Json) -> str:
    """Say where a row can be read."""
    return url(SHIPPED_LINE_PATH, row["id"])


async def body_of_shipped_line(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    order_lines = await make_order_line(client)
    return {
        "order_id": order_lines["order_id"],
        "line_number": order_lines["line_number"],
        "quantity": number,
        "shipped_at": moment(number),
        "tracking_code": text("tracking-code", number),
    }


async def make_shipped_line(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, SHIPPED_LINE_PATH, await body_of_shipped_line(client) | given)
