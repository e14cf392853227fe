"""The table `posts`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import PostStatus

if TYPE_CHECKING:
    from app.models.comments import Comment
    from app.models.tags import Tag
    from app.models.users import User


class Post(base.TimestampMixin, base.SoftDeleteMixin, base.Base):
    """An article. Only published ones are meant for readers."""

    __tablename__ = "posts"
    __table_args__ = (
        sa.CheckConstraint(sa.column("view_count") >= 0, name="ck_posts_view_count"),
        sa.Index("ix_posts_status_published_at", "status", "published_at"),
        {"comment": "An article. Only published ones are meant for readers."},
    )

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    author_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )
    title: orm.Mapped[str] = orm.mapped_column(sa.String(200))
    slug: orm.Mapped[str] = orm.mapped_column(
        sa.String(200),
        unique=True,
        comment="The last part of the address, for instance `hello-world`.",
    )
    body: orm.Mapped[str] = orm.mapped_column(sa.Text(), default="", server_default=sa.text("''"))
    status: orm.Mapped[PostStatus] = orm.mapped_column(
        column_types.enum_of(PostStatus, name="post_status"),
        default=PostStatus.DRAFT,
        server_default="draft",
    )
    published_at: orm.Mapped[dt.datetime | None] = orm.mapped_column(
        column_types.UtcDateTime(), index=True
    )
    view_count: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), default=0, server_default=sa.text("0")
    )

    author: orm.Mapped[User] = orm.relationship(back_populates="posts", lazy="raise")
    comments: orm.Mapped[list[Comment]] = orm.relationship(
        passive_deletes="all", back_populates="post", lazy="raise"
    )
    tags: orm.Mapped[list[Tag]] = orm.relationship(
        secondary="post_tags", passive_deletes=True, back_populates="posts", lazy="raise"
    )
