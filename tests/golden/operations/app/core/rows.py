"""Single rows: found by their key, written as a whole."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import not_found
from app.core.references import check_references
from app.models.base import Base

Model = TypeVar("Model", bound=Base)


async def find(session: AsyncSession, model: type[Model], key: object) -> Model:
    """Get the row with that key; 404 where there is none."""
    row = await session.get(model, key)
    if row is None:
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


def location(path: str, *key: object) -> str:
    """Say where the row with that key can be read."""
    parts = (to_jsonable_python(part, bytes_mode="base64") for part in key)
    return "/".join([path, *(quote(str(part), safe="") for part in parts)])
