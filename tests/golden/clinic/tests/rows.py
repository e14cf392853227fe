"""Rows as JSON, as the API shows them: made, found and compared without it."""

import base64
import datetime as dt
import itertools
from collections import Counter
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from httpx import AsyncClient, Response
from pydantic_core import to_jsonable_python
from sqlalchemy import case, delete, inspect, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import QueryableAttribute, selectinload

from app.core.filters import ListQuery, select_rows
from app.models.base import Base

Json = dict[str, Any]
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def as_json(row: Base) -> Json:
    """Write a row as the API has to show it: all of its columns, and nothing else."""
    mapper = inspect(type(row))
    return {
        column.name: _value(getattr(row, mapper.get_property_by_column(column).key))
        for column in row.__table__.c
    }


def _value(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return to_jsonable_python(value)


def number_of(session: AsyncSession, table: str) -> int:
    """Count the rows of a table that a test asks for, from 1."""
    numbers: Counter[str] = session.info.setdefault("numbers", Counter())
    numbers[table] += 1
    return numbers[table]


async def add(session: AsyncSession, row: Base) -> Json:
    """Store a row; what comes back is what the database made of it."""
    session.add(row)
    await session.flush()
    await session.refresh(row)
    return as_json(row)


async def stored(session: AsyncSession, model: type[Base]) -> list[Json]:
    """Read all rows of a table, deleted ones too."""
    rows = await session.scalars(select(model).execution_options(populate_existing=True))
    return [as_json(row) for row in rows]


async def erase(session: AsyncSession, model: type[Base], row: Json) -> bool:
    """Delete a row for good, as its table allows; tell whether it did."""
    rows = await session.scalars(select(model))
    [found] = [one for one in rows if as_json(one) == row]
    key = inspect(found).identity or ()
    columns = model.__table__.primary_key
    matches = [column == value for column, value in zip(columns, key, strict=True)]
    try:
        async with session.begin_nested():
            await session.execute(delete(model).where(*matches))
    except IntegrityError:
        return False
    return True


async def selected(
    session: AsyncSession, model: type[Base], query: type[ListQuery], /, **parameters: object
) -> list[Json]:
    """Read the rows that a list with these parameters shows."""
    rows = await session.scalars(select_rows(model, query.model_validate(parameters)))
    return [as_json(row) for row in rows]


async def listed(
    session: AsyncSession, model: type[Base], query: type[ListQuery], asked: list[Json]
) -> list[list[Json]]:
    """Read the rows that a list shows, for each of these parameters, all at once."""
    conditions = [select_rows(model, query.model_validate(one)).whereclause for one in asked]
    shown = [case((true() if one is None else one, 1), else_=0) for one in conditions]
    rows = [(as_json(row), flags) for row, *flags in await session.execute(select(model, *shown))]
    return [[row for row, flags in rows if flags[place]] for place in range(len(asked))]


async def column_sorted(
    session: AsyncSession, model: type[Base], query: type[ListQuery], name: str, sort: str
) -> list[Any]:
    """Read a column of all rows in the order of a list that is sorted so."""
    rows = select_rows(model, query.model_validate({"sort": sort}))
    values = await session.scalars(rows.with_only_columns(model.__table__.c[name]))
    return [_value(value) for value in values]


async def related(
    session: AsyncSession, attribute: QueryableAttribute[Any]
) -> list[tuple[Json, list[Json]]]:
    """Follow a relationship from each row of its table: the row, and those that it leads to."""
    loading = select(attribute.class_).options(selectinload(attribute))
    rows = await session.scalars(loading.execution_options(populate_existing=True))
    pairs = []
    for row in rows:
        found = getattr(row, attribute.key)
        others = found if isinstance(found, list) else [found]
        pairs.append((as_json(row), [as_json(other) for other in others if other is not None]))
    return pairs


async def items(client: AsyncClient, path: str, /, **parameters: str | float) -> list[Json]:
    """List rows through the API; the total counts all of them."""
    answer = await client.get(path, params={"limit": 100, **parameters})
    assert answer.status_code == 200, answer.text
    page: Json = answer.json()
    found: list[Json] = page["items"]
    assert page["total"] == len(found)
    return found


def faults(answer: Response) -> set[str]:
    """Name the members, or the parameters, for which a request was refused."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    pointers = [error["pointer"].split("/")[1] for error in answer.json()["errors"]]
    return {name.replace("~1", "/").replace("~0", "~") for name in pointers}


def url(path: str, *key: object) -> str:
    """Say where the row with that key can be read."""
    return "/".join([path, *(quote(str(part), safe="") for part in key)])


def in_order(values: list[Any]) -> bool:
    """Tell whether each of the values is followed by one that is not less."""
    return all(first <= second for first, second in itertools.pairwise(values))


def is_recent(moment: str) -> bool:
    """Tell whether a moment lies in the last minute."""
    age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(moment)
    return abs(age) < dt.timedelta(minutes=1)
