"""Rows of posts."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.posts import PostCreate
from tests.factories.users import make_user
from tests.rows import Json, add, number_of, url
from tests.samples import moment, text

POST_PATH = "/posts"


def url_of_post(row: Json) -> str:
    """Say where a row can be read."""
    return url(POST_PATH, row["id"])


async def body_of_post(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "posts")
    author = await make_user(session)
    return {
        "author_id": author["id"],
        "title": text("title", number),
        "slug": text("slug", number),
        "body": text("body", number),
        "status": ["draft", "published", "archived"][number % 3],
        "published_at": moment(number),
        "view_count": number,
    }


async def make_post(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = PostCreate.model_validate(await body_of_post(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Post(**values))
