"""Single rows: found by their key, written as a whole."""

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic_core import to_jsonable_python
from sqlalchemy import Insert, Select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.errors import not_found
from app.models.base import Base

Model = TypeVar("Model", bound=Base)


def find(session: Session, model: type[Model], key: object) -> Model:
    """Get the row with that key; 404 where there is none."""
    row = session.get(model, key)
    if row is None:
        raise not_found(model.__tablename__)
    return row


def save(session: Session, row: Base, changes: Mapping[str, object] | None = None) -> None:
    """Write the row for good, with the changes, and read what the database made of it."""
    for attribute, value in (changes or {}).items():
        setattr(row, attribute, value)
    session.add(row)
    session.flush()
    session.refresh(row)
    session.commit()


def add_link(session: Session, link: Insert, linked: Select[Any]) -> None:
    """Write a link, unless it is there; another request may be writing it just now."""
    if session.scalar(linked.limit(1)) is None:
        try:
            session.execute(link)
            session.commit()
        except IntegrityError:
            session.rollback()
            if session.scalar(linked.limit(1)) is None:
                raise


def location(path: str, *key: object) -> str:
    """Say where the row with that key can be read."""
    parts = (to_jsonable_python(part, bytes_mode="base64") for part in key)
    return "/".join([path, *(quote(str(part), safe="") for part in parts)])
