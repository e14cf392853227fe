"""The table `articles`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base
from app.models.articles_related import articles_related

if TYPE_CHECKING:
    from app.models.topics import Topic


class Article(base.Base):
    """One row of articles."""

    __tablename__ = "articles"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))

    topics: orm.Mapped[list[Topic]] = orm.relationship(
        secondary="articles_topics", passive_deletes=True, back_populates="articles", lazy="raise"
    )
    related: orm.Mapped[list[Article]] = orm.relationship(
        secondary="articles_related",
        primaryjoin=lambda: Article.id == articles_related.c.article_id,
        secondaryjoin=lambda: Article.id == articles_related.c.related_id,
        passive_deletes=True,
        back_populates="related_by",
        lazy="raise",
    )
    related_by: orm.Mapped[list[Article]] = orm.relationship(
        secondary="articles_related",
        primaryjoin=lambda: Article.id == articles_related.c.related_id,
        secondaryjoin=lambda: Article.id == articles_related.c.article_id,
        passive_deletes=True,
        back_populates="related",
        lazy="raise",
    )
