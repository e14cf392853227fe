"""Rows of users."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.users import UserCreate
from tests.rows import Json, add, number_of, url
from tests.samples import text

USER_PATH = "/users"


def url_of_user(row: Json) -> str:
    """Say where a row can be read."""
    return url(USER_PATH, row["id"])


async def body_of_user(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "users")
    return {
        "email": text("email", number),
        "display_name": text("display-name", number),
        "role": ["reader", "author", "editor", "admin"][number % 4],
        "bio": text("bio", number),
        "is_active": number % 2 == 1,
    }


async def make_user(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = UserCreate.model_validate(await body_of_user(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.User(**values))
