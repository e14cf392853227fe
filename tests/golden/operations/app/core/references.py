"""References of a row to others, which have to be there."""

from fastapi.exceptions import RequestValidationError
from sqlalchemy import ForeignKeyConstraint, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ClauseElement

from app.models.base import Base


async def check_references(session: AsyncSession, row: Base) -> None:
    """Refuse a row with a new reference that leads nowhere, and say which one it is.

    The database would refuse it, too, but not every database says why.
    """
    faults = []
    for key in _keys(row):
        values = _values(row, key)
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


def _keys(row: Base) -> list[ForeignKeyConstraint]:
    table = Base.metadata.tables[row.__tablename__]
    keys = [one for one in table.constraints if isinstance(one, ForeignKeyConstraint)]
    return sorted(keys, key=lambda key: list(key.column_keys))


def _values(row: Base, key: ForeignKeyConstraint) -> list[object]:
    """Tell what a row refers to by a key; nothing where it does not, or where that is not new."""
    state = inspect(row)
    names = [state.mapper.get_property_by_column(column).key for column in key.columns]
    values = [getattr(row, name) for name in names]
    is_new = any(state.attrs[name].history.has_changes() for name in names)
    if not is_new or any(value is None or isinstance(value, ClauseElement) for value in values):
        return []
    if key.referred_table is not key.table:
        return values
    columns = [element.column for element in key.elements]
    own = [getattr(row, state.mapper.get_property_by_column(column).key) for column in columns]
    return [] if values == own else values


async def _is_there(session: AsyncSession, key: ForeignKeyConstraint, values: list[object]) -> bool:
    target = key.referred_table
    wanted = [element.column == value for element, value in zip(key.elements, values, strict=True)]
    with session.no_autoflush:
        return await session.scalar(select(1).select_from(target).where(*wanted)) is not None
