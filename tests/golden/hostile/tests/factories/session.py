"""Rows of sessions."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.session import SessionCreate
from tests.rows import Json, add, number_of, url
from tests.samples import text

SESSION_PATH = "/session"


def url_of_session(row: Json) -> str:
    """Say where a row can be read."""
    return url(SESSION_PATH, row["id"])


async def body_of_session(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    number = number_of(session, "session")
    return {
        "request": text("request", number),
        "response": text("response", number),
        "db": text("db", number),
        "session": text("session", number),
    }


async def make_session(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = SessionCreate.model_validate(await body_of_session(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Session(**values))
