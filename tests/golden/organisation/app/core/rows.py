"""Single rows: found by their key, written as a whole."""

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic_core import to_jsonable_python
from sqlalchemy import Insert, Select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import not_found
from app.core.references import check_references
from app.models.base import Base, SoftDeleteMixin

Model = TypeVar("Model", bound=Base)


async def find(
    session: AsyncSession, model: type[Model], key: object, *, include_deleted: bool = False
) -> Model:
    """Get the row with that key; 404 where there is none, or only a deleted one."""
    row = await session.get(model, key)
    hidden = isinstance(row, SoftDeleteMixin) and row.is_deleted and not include_deleted
    if row is None or hidden:
        raise not_found(model.__tablename__)
    return row


async def save(
    session: AsyncSession, row: Base, changes: Mapping[str, object] | None = None
) -> None:
    """Write the row for good, with the changes, and read what the database made of it."""
    for attribute, value in (changes or {}).items():
        setattr(row, attribute, value)
    await check_references(session, row)
    session.add(row)
    await session.flush()
    await session.refresh(row)
    await session.commit()


async def add_link(session: AsyncSession, link: Insert, linked: Select[Any]) -> None:
    """Write a link, unless it is there; another request may be writing it just now."""
    if await session.scalar(linked.limit(1)) is None:
        try:
            await session.execute(link)
            await session.commit()
        except IntegrityError:
            await session.rollback()
            if await session.scalar(linked.limit(1)) is None:
                raise


def location(path: str, *key: object) -> str:
    """Say where the row with that key can be read."""
    parts = (to_jsonable_python(part, bytes_mode="base64") for part in key)
    return "/".join([path, *(quote(str(part), safe="") for part in parts)])
