"""The table `offers`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base


class Offer(base.Base):
    """One row of offers."""

    __tablename__ = "offers"
    __table_args__ = (
        sa.CheckConstraint(sa.column("price") >= 0, name="ck_offers_price"),
        sa.CheckConstraint(
            sa.or_(sa.column("discount").is_(None), sa.column("discount") <= sa.column("price")),
            name="ck_offers_discount_price",
        ),
        sa.CheckConstraint(
            sa.or_(sa.column("ends_on").is_(None), sa.column("ends_on") > sa.column("starts_on")),
            name="ck_offers_ends_on_starts_on",
        ),
        sa.CheckConstraint(
            sa.column("state").in_(["draft", "sold", "it's gone"]), name="ck_offers_state"
        ),
        sa.CheckConstraint(
            sa.or_(sa.not_(sa.column("public") == sa.true()), sa.column("price").between(1, 1000)),
            name="ck_offers_public_price",
        ),
    )

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    price: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(10, 2))
    discount: orm.Mapped[Decimal | None] = orm.mapped_column(sa.Numeric(10, 2))
    starts_on: orm.Mapped[dt.date] = orm.mapped_column(sa.Date())
    ends_on: orm.Mapped[dt.date | None] = orm.mapped_column(sa.Date())
    state: orm.Mapped[str] = orm.mapped_column(
        sa.String(12), default="draft", server_default="draft"
    )
    public: orm.Mapped[bool] = orm.mapped_column(
        sa.Boolean(), default=False, server_default=sa.false()
    )
