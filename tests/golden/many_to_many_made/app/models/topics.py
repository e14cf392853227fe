"""The table `topics`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.articles import Article


class Topic(base.Base):
    """One row of topics."""

    __tablename__ = "topics"

    slug: orm.Mapped[str] = orm.mapped_column(sa.String(40), primary_key=True)
    label: orm.Mapped[str | None] = orm.mapped_column(sa.String(80))

    articles: orm.Mapped[list[Article]] = orm.relationship(
        secondary="articles_topics", passive_deletes=True, back_populates="topics", lazy="raise"
    )
