"""The table `labels_notes`, which links two others."""

import sqlalchemy as sa

from app.models import base

labels_notes = sa.Table(
    "labels_notes",
    base.Base.metadata,
    sa.Column(
        "label_id", sa.Integer(), sa.ForeignKey("labels.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column(
        "note_id",
        sa.Integer(),
        sa.ForeignKey("notes.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)
