"""The table `categories`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.products import Product


class Category(base.Base):
    """A shelf of the shop. Products stand on as many as they like."""

    __tablename__ = "categories"
    __table_args__ = ({"comment": "A shelf of the shop. Products stand on as many as they like."},)

    id: orm.Mapped[int] = orm.mapped_column(
        sa.SmallInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    name: orm.Mapped[str] = orm.mapped_column(sa.String(60), unique=True)

    products: orm.Mapped[list[Product]] = orm.relationship(
        secondary="categories_products",
        passive_deletes=True,
        back_populates="categories",
        lazy="raise",
    )
