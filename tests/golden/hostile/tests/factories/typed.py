"""Rows of typeds."""

from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.typed import TypedCreate
from tests.factories.class_type import make_class_type
from tests.factories.order import make_order
from tests.rows import Json, add, url

TYPED_PATH = "/typed"


def url_of_typed(row: Json) -> str:
    """Say where a row can be read."""
    return url(TYPED_PATH, row["order_id"])


async def body_of_typed(session: AsyncSession) -> Json:
    """What a new row needs to be told."""
    kind_row = await make_class_type(session)
    order = await make_order(session)
    return {
        "order_id": order["id"],
        "kind": kind_row["code"],
    }


async def make_typed(session: AsyncSession, /, **given: object) -> Json:
    """Make a row, with the given values instead of the usual ones."""
    body = TypedCreate.model_validate(await body_of_typed(session) | given)
    values = body.model_dump(exclude_unset=True)
    return await add(session, models.Typed(**values))
