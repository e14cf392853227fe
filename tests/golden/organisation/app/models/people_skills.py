"""The table `people_skills`, which links two others."""

import sqlalchemy as sa

from app.models import base

people_skills = sa.Table(
    "people_skills",
    base.Base.metadata,
    sa.Column(
        "person_id", sa.Uuid(), sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column(
        "skill_name",
        sa.String(60),
        sa.ForeignKey("skills.name", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)
