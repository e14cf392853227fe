"""The table `settings`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.accounts import Account


class AccountSettings(base.Base):
    """One row of settings."""

    __tablename__ = "settings"

    account_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    dark: orm.Mapped[bool] = orm.mapped_column(
        sa.Boolean(), default=False, server_default=sa.false()
    )

    account: orm.Mapped[Account] = orm.relationship(back_populates="setting", lazy="raise")
