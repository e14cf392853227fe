"""Rows of post tags."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.post_tags import PostTagCreate
from tests.factories.posts import make_post
from tests.factories.tags import make_tag
from tests.rows import Json, add, url

POST_TAG_PATH = "/post-tags"


def url_of_post_tag(row: Json) -> str:
    """Say where a row can be read."""
    return url(POST_TAG_PATH, row["post_id"], row["tag_id"])


async def body_of_post_tag(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    post = await make_post(session)
    tag = await make_tag(session)
    return {
        "post_id": post["id"],
        "tag_id": tag["id"],
    }


async def make_post_tag(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = PostTagCreate.model_validate(await body_of_post_tag(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.PostTag(**values))
