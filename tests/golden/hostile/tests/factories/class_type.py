"""Rows of class type."""

import itertools

from httpx import AsyncClient

from tests.samples import Json, create, text, url

CLASS_TYPE_PATH = "/class-type"
numbers = itertools.count(1)


def url_of_class_type(row: Json) -> str:
    """Say where a row can be read."""
    return url(CLASS_TYPE_PATH, row["code"])


async def body_of_class_type(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    return {
        "code": ["x", "y"][number % 2],
        "label": text("label", number),
    }


async def make_class_type(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, CLASS_TYPE_PATH, await body_of_class_type(client) | given)
