"""Rows of comments."""

import itertools

from httpx import AsyncClient

from tests.factories.posts import make_post
from tests.samples import Json, create, text, url

COMMENT_PATH = "/comments"
numbers = itertools.count(1)


def url_of_comment(row: Json) -> str:
    """Say where a row can be read."""
    return url(COMMENT_PATH, row["id"])


async def body_of_comment(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    post = await make_post(client)
    return {
        "post_id": post["id"],
        "body": text("body", number),
    }


async def make_comment(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, COMMENT_PATH, await body_of_comment(client) | given)
