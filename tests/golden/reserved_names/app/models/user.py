"""The table `user`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base


class User(base.Base):
    """One row of user."""

    __tablename__ = "user"

    import_: orm.Mapped[str] = orm.mapped_column("import", sa.String(10), primary_key=True)
    group: orm.Mapped[str | None] = orm.mapped_column(sa.String(10), unique=True)
    is_deleted: orm.Mapped[bool | None] = orm.mapped_column(sa.Boolean())
