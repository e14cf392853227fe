"""The table `tags`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.posts import Post


class Tag(base.Base):
    """A word that posts can be found by."""

    __tablename__ = "tags"
    __table_args__ = ({"comment": "A word that posts can be found by."},)

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(50), unique=True)

    posts: orm.Mapped[list[Post]] = orm.relationship(
        secondary="post_tags", passive_deletes=True, back_populates="tags", lazy="raise"
    )
