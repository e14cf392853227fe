"""The table `articles_related`, which links two others."""

import sqlalchemy as sa

from app.models import base

articles_related = sa.Table(
    "articles_related",
    base.Base.metadata,
    sa.Column(
        "article_id",
        sa.Integer(),
        sa.ForeignKey("articles.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column(
        "related_id",
        sa.Integer(),
        sa.ForeignKey("articles.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)
