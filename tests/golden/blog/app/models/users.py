"""The table `users`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import UserRole

if TYPE_CHECKING:
    from app.models.comments import Comment
    from app.models.posts import Post


class User(base.TimestampMixin, base.SoftDeleteMixin, base.Base):
    """Someone who writes posts or comments on them."""

    __tablename__ = "users"
    __table_args__ = ({"comment": "Someone who writes posts or comments on them."},)

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    email: orm.Mapped[str] = orm.mapped_column(sa.String(254), unique=True)
    display_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    role: orm.Mapped[UserRole] = orm.mapped_column(
        column_types.enum_of(UserRole, name="user_role"),
        default=UserRole.READER,
        server_default="reader",
    )
    bio: orm.Mapped[str | None] = orm.mapped_column(
        sa.Text(), comment="What the author page shows."
    )
    is_active: orm.Mapped[bool] = orm.mapped_column(
        sa.Boolean(), default=True, server_default=sa.true()
    )

    posts: orm.Mapped[list[Post]] = orm.relationship(
        passive_deletes="all", back_populates="author", lazy="raise"
    )
    comments: orm.Mapped[list[Comment]] = orm.relationship(
        passive_deletes="all", back_populates="author", lazy="raise"
    )
