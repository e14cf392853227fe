"""What all models have in common."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import orm

from app.core.clock import utc_now
from app.models import column_types

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
"""So that migrations can name what they change."""


class Base(orm.DeclarativeBase):
    """The base of all models."""

    metadata = sa.MetaData(naming_convention=NAMING_CONVENTION)


class TimestampMixin:
    """When a row was made and when it was last changed."""

    created_at: orm.Mapped[dt.datetime] = orm.mapped_column(
        column_types.UtcDateTime(), default=utc_now, server_default=sa.func.now()
    )
    updated_at: orm.Mapped[dt.datetime] = orm.mapped_column(
        column_types.UtcDateTime(),
        default=utc_now,
        onupdate=utc_now,
        server_default=sa.func.now(),
    )
