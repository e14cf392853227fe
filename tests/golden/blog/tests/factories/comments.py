"""Rows of comments."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.comments import CommentCreate
from tests.factories.posts import make_post
from tests.rows import Json, add, number_of, url
from tests.samples import text

COMMENT_PATH = "/comments"


def url_of_comment(row: Json) -> str:
    """Say where a row can be read."""
    return url(COMMENT_PATH, row["id"])


async def body_of_comment(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "comments")
    post = await make_post(session)
    return {
        "post_id": post["id"],
        "body": text("body", number),
    }


async def make_comment(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = CommentCreate.model_validate(await body_of_comment(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Comment(**values))
