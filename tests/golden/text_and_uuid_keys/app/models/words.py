"""The table `words`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base


class Word(base.Base):
    """One row of words."""

    __tablename__ = "words"

    word: orm.Mapped[str] = orm.mapped_column(sa.Text(), primary_key=True)
    meaning: orm.Mapped[str | None] = orm.mapped_column(sa.Text())
