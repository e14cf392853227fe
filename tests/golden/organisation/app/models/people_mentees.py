"""The table `people_mentees`, which links two others."""

import sqlalchemy as sa

from app.models import base

people_mentees = sa.Table(
    "people_mentees",
    base.Base.metadata,
    sa.Column(
        "person_id", sa.Uuid(), sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column(
        "mentee_id",
        sa.Uuid(),
        sa.ForeignKey("people.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)
