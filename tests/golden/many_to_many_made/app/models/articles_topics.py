"""The table `articles_topics`, which links two others."""

import sqlalchemy as sa

from app.models import base

articles_topics = sa.Table(
    "articles_topics",
    base.Base.metadata,
    sa.Column(
        "article_id",
        sa.Integer(),
        sa.ForeignKey("articles.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column(
        "topic_slug",
        sa.String(40),
        sa.ForeignKey("topics.slug", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)
