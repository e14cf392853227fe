"""The table `class_group`, which links two others."""

import sqlalchemy as sa

from app.models import base

class_group = sa.Table(
    "class_group",
    base.Base.metadata,
    sa.Column(
        "class_import",
        sa.Integer(),
        sa.ForeignKey("class.import", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("group_order", sa.Uuid(), primary_key=True),
    sa.Column("group_key", sa.String(20), primary_key=True),
    sa.ForeignKeyConstraint(
        ["group_order", "group_key"], ["group.order", "group.key"], ondelete="CASCADE"
    ),
    sa.Index("ix_class_group_group_order_group_key", "group_order", "group_key"),
)
