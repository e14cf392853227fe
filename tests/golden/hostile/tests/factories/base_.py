"""Rows of base."""

from httpx import AsyncClient

from tests.samples import Json, create, url

BASE_PATH = "/base"


def url_of_base(row: Json) -> str:
    """Say where a row can be read."""
    return url(BASE_PATH, row["id"])


async def body_of_base(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    return {}


async def make_base(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, BASE_PATH, await body_of_base(client) | given)
