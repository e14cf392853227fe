"""Lists come in pages, and say how long the whole list is."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

MAX_LIMIT = 100
MAX_OFFSET = 2**31 - 1

Row = TypeVar("Row")
Item = TypeVar("Item", bound=BaseModel)


class PageQuery(BaseModel):
    """Which part of a list to show."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    limit: int = Field(default=20, ge=1, le=MAX_LIMIT, description="How many to show.")
    offset: int = Field(default=0, ge=0, le=MAX_OFFSET, description="How many to leave out.")


class Page(BaseModel, Generic[Item]):
    """Part of a list; `total` counts all of it."""

    items: list[Item]
    total: int
    limit: int
    offset: int


async def paginate(
    session: AsyncSession, statement: Select[Row], query: PageQuery, schema: type[Item]
) -> Page[Item]:
    """Count all rows of `statement`, and show those that `query` asks for."""
    counted = statement.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    total = await session.scalar(counted)
    rows = await session.scalars(statement.limit(query.limit).offset(query.offset))
    return Page(
        items=[schema.model_validate(row) for row in rows],
        total=total or 0,
        limit=query.limit,
        offset=query.offset,
    )
