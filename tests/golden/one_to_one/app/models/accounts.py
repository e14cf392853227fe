"""The table `accounts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.profiles import Profile
    from app.models.settings import AccountSettings


class Account(base.Base):
    """One row of accounts."""

    __tablename__ = "accounts"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    email: orm.Mapped[str] = orm.mapped_column(sa.String(254), unique=True)

    profile: orm.Mapped[Profile | None] = orm.relationship(
        passive_deletes="all", back_populates="account", lazy="raise"
    )
    setting: orm.Mapped[AccountSettings | None] = orm.relationship(
        passive_deletes="all", back_populates="account", lazy="raise"
    )
