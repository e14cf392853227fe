"""The table `profiles`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.accounts import Account


class Profile(base.Base):
    """One row of profiles."""

    __tablename__ = "profiles"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    account_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("accounts.id", ondelete="CASCADE"), unique=True
    )
    about: orm.Mapped[str | None] = orm.mapped_column(sa.Text())

    account: orm.Mapped[Account] = orm.relationship(back_populates="profile", lazy="raise")
