"""References of a row to others, which have to be there, and not only as deleted ones."""

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKeyConstraint,
    Table,
    and_,
    inspect,
    not_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ClauseElement

from app.core.integrity import STILL_USED
from app.models.base import Base, SoftDeleteMixin


async def check_references(session: AsyncSession, row: Base, *, old_too: bool = False) -> None:
    """Refuse a row with a reference that leads nowhere, and say which one it is.

    References that were there before are only looked at if `old_too` says so.
    The database would refuse most of them, too, but not every database says why.
    """
    faults = []
    for key in _keys(row):
        values = _values(row, key, old_too=old_too)
        if values and not await _is_there(session, key, values):
            faults += [
                {
                    "type": "reference",
                    "loc": ("body", column.name),
                    "msg": f"There is no such row of {key.referred_table.name}.",
                }
                for column in key.columns
            ]
    if faults:
        raise RequestValidationError(faults)


async def check_unused(session: AsyncSession, row: Base) -> None:
    """Refuse to hide a row that visible ones refer to, if it could not be deleted for them."""
    table = Base.metadata.tables[row.__tablename__]
    keys = [key for one in Base.metadata.tables.values() for key in one.foreign_key_constraints]
    for key in keys:
        if key.referred_table is not table or key.ondelete not in {None, "RESTRICT"}:
            continue
        values = [_value(row, element.column) for element in key.elements]
        if None in values:
            continue
        refers = [column == value for column, value in zip(key.columns, values, strict=True)]
        if key.table is table:
            refers.append(not_(and_(*(one == _value(row, one) for one in table.primary_key))))
        used = select(1).select_from(key.table).where(*refers, *_visible(key.table)).limit(1)
        if await session.scalar(used) is not None:
            raise HTTPException(STILL_USED.status, STILL_USED.detail)


def _value(row: Base, column: Column[object]) -> object:
    return getattr(row, inspect(row).mapper.get_property_by_column(column).key)


def _keys(row: Base) -> list[ForeignKeyConstraint]:
    table = Base.metadata.tables[row.__tablename__]
    keys = [one for one in table.constraints if isinstance(one, ForeignKeyConstraint)]
    return sorted(keys, key=lambda key: list(key.column_keys))


def _values(row: Base, key: ForeignKeyConstraint, *, old_too: bool) -> list[object]:
    """Tell what a row refers to by a key; nothing where it does not, or where that is not asked."""
    state = inspect(row)
    names = [state.mapper.get_property_by_column(column).key for column in key.columns]
    values = [getattr(row, name) for name in names]
    is_new = any(state.attrs[name].history.has_changes() for name in names)
    if not (is_new or old_too) or any(
        value is None or isinstance(value, ClauseElement) for value in values
    ):
        return []
    if key.referred_table is not key.table:
        return values
    columns = [element.column for element in key.elements]
    own = [getattr(row, state.mapper.get_property_by_column(column).key) for column in columns]
    return [] if values == own else values


async def _is_there(session: AsyncSession, key: ForeignKeyConstraint, values: list[object]) -> bool:
    target = key.referred_table
    wanted = [element.column == value for element, value in zip(key.elements, values, strict=True)]
    wanted += _visible(target)
    with session.no_autoflush:
        return await session.scalar(select(1).select_from(target).where(*wanted)) is not None


def _visible(table: Table) -> list[ColumnElement[bool]]:
    models = {one.local_table: one.class_ for one in Base.registry.mappers}
    hides = issubclass(models.get(table, Base), SoftDeleteMixin)
    return [table.c.is_deleted.is_not(True)] if hides else []
