"""Rows of typed."""

from httpx import AsyncClient

from tests.factories.class_type import make_class_type
from tests.factories.order import make_order
from tests.samples import Json, create, url

TYPED_PATH = "/typed"


def url_of_typed(row: Json) -> str:
    """Say where a row can be read."""
    return url(TYPED_PATH, row["order_id"])


async def body_of_typed(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    kind_row = await make_class_type(client)
    order = await make_order(client)
    return {
        "order_id": order["id"],
        "kind": kind_row["code"],
    }


async def make_typed(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, TYPED_PATH, await body_of_typed(client) | given)
