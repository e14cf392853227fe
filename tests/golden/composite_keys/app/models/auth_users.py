"""The table `auth_users`."""

from __future__ import annotations

from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base


class AuthUser(base.Base):
    """Somebody who may use the API."""

    __tablename__ = "auth_users"
    __table_args__ = ({"comment": "Somebody who may use the API."},)

    id: orm.Mapped[UUID] = orm.mapped_column(sa.Uuid(), primary_key=True, default=uuid4)
    username: orm.Mapped[str] = orm.mapped_column(sa.String(150), unique=True)
    password_hash: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    is_active: orm.Mapped[bool] = orm.mapped_column(
        sa.Boolean(), default=True, server_default=sa.true()
    )
