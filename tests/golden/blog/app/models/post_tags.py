"""The table `post_tags`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base


class PostTag(base.Base):
    """Which post carries which tag."""

    __tablename__ = "post_tags"
    __table_args__ = ({"comment": "Which post carries which tag."},)

    post_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    tag_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True
    )
