"""Create all tables.

Revision: 21aad5a63090, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "21aad5a63090"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "articles",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
    )
    op.create_table(
        "topics",
        sa.Column("slug", sa.String(40), nullable=False),
        sa.Column("label", sa.String(80), nullable=True),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_topics")),
    )
    op.create_table(
        "articles_topics",
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("topic_slug", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "topic_slug", name=op.f("pk_articles_topics")),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["articles.id"],
            name=op.f("fk_articles_topics_article_id_articles"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["topic_slug"],
            ["topics.slug"],
            name=op.f("fk_articles_topics_topic_slug_topics"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_articles_topics_topic_slug"), "articles_topics", ["topic_slug"])
    op.create_table(
        "articles_related",
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("related_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "related_id", name=op.f("pk_articles_related")),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["articles.id"],
            name=op.f("fk_articles_related_article_id_articles"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["related_id"],
            ["articles.id"],
            name=op.f("fk_articles_related_related_id_articles"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_articles_related_related_id"), "articles_related", ["related_id"])


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("articles_related")
    op.drop_table("articles_topics")
    op.drop_table("topics")
    op.drop_table("articles")
