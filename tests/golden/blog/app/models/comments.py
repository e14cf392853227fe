"""The table `comments`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.posts import Post
    from app.models.users import User


class Comment(base.TimestampMixin, base.Base):
    """A remark on a post, or an answer to another remark."""

    __tablename__ = "comments"
    __table_args__ = ({"comment": "A remark on a post, or an answer to another remark."},)

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    post_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("posts.id", ondelete="CASCADE"), index=True
    )
    author_id: orm.Mapped[int | None] = orm.mapped_column(
        sa.Integer(),
        sa.ForeignKey("users.id", ondelete="SET NULL"),
        index=True,
        comment="Empty for comments of people who left.",
    )
    parent_id: orm.Mapped[int | None] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("comments.id", ondelete="CASCADE"), index=True
    )
    body: orm.Mapped[str] = orm.mapped_column(sa.Text())

    post: orm.Mapped[Post] = orm.relationship(back_populates="comments", lazy="raise")
    author: orm.Mapped[User | None] = orm.relationship(back_populates="comments", lazy="raise")
    parent: orm.Mapped[Comment | None] = orm.relationship(
        remote_side="Comment.id", back_populates="replies", lazy="raise"
    )
    replies: orm.Mapped[list[Comment]] = orm.relationship(
        passive_deletes="all", back_populates="parent", lazy="raise"
    )
