"""The table `only_key`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base


class OnlyKey(base.Base):
    """Nothing but a key, and that one is made."""

    __tablename__ = "only_key"
    __table_args__ = ({"comment": "Nothing but a key, and that one is made."},)

    note: orm.Mapped[str | None] = orm.mapped_column(sa.Text())
    id: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
