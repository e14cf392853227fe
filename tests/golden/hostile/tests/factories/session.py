"""Rows of session."""

import itertools

from httpx import AsyncClient

from tests.samples import Json, create, text, url

SESSION_PATH = "/session"
numbers = itertools.count(1)


def url_of_session(row: Json) -> str:
    """Say where a row can be read."""
    return url(SESSION_PATH, row["id"])


async def body_of_session(_client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    return {
        "request": text("request", number),
        "response": text("response", number),
        "db": text("db", number),
        "session": text("session", number),
    }


async def make_session(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, SESSION_PATH, await body_of_session(client) | given)
