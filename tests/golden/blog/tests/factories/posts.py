"""Rows of posts."""

import itertools

from httpx import AsyncClient

from tests.factories.users import make_user
from tests.samples import Json, create, moment, text, url

POST_PATH = "/posts"
numbers = itertools.count(1)


def url_of_post(row: Json) -> str:
    """Say where a row can be read."""
    return url(POST_PATH, row["id"])


async def body_of_post(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    number = next(numbers)
    author = await make_user(client)
    return {
        "author_id": author["id"],
        "title": text("title", number),
        "slug": text("slug", number),
        "body": text("body", number),
        "status": ["draft", "published", "archived"][number % 3],
        "published_at": moment(number),
        "view_count": number,
    }


async def make_post(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, POST_PATH, await body_of_post(client) | given)
