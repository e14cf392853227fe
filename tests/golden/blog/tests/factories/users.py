"""Rows of users."""

import itertools

from httpx import AsyncClient

from tests.samples import Json, create, text, url

USER_PATH = "/users"
numbers = itertools.count(1)


def url_of_user(row: Json) -> str:
    """Say where a row can be read."""
    return url(USER_PATH, row["id"])


async def body_of_user(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    return {
        "email": text("email", number),
        "display_name": text("display-name", number),
        "role": ["reader", "author", "editor", "admin"][number % 4],
        "bio": text("bio", number),
        "is_active": number % 2 == 1,
    }


async def make_user(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, USER_PATH, await body_of_user(client) | given)
