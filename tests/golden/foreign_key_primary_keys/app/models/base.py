"""What all models have in common."""

import sqlalchemy as sa
from sqlalchemy import orm

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
