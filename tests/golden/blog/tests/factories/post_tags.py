"""Rows of post tags."""

from httpx import AsyncClient

from tests.factories.posts import make_post
from tests.factories.tags import make_tag
from tests.samples import Json, create, url

POST_TAG_PATH = "/post-tags"


def url_of_post_tag(row: Json) -> str:
    """Say where a row can be read."""
    return url(POST_TAG_PATH, row["post_id"], row["tag_id"])


async def body_of_post_tag(client: AsyncClient) -> Json:
    """What a new row needs to be told."""
    post = await make_post(client)
    tag = await make_tag(client)
    return {
        "post_id": post["id"],
        "tag_id": tag["id"],
    }


async def make_post_tag(client: AsyncClient, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    return await create(client, POST_TAG_PATH, await body_of_post_tag(client) | given)
