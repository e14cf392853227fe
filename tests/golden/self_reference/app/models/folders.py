"""The table `folders`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base


class Folder(base.Base):
    """One row of folders."""

    __tablename__ = "folders"
    __table_args__ = (sa.UniqueConstraint("parent_id", "name", name="uq_folders_parent_id_name"),)

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    parent_id: orm.Mapped[int | None] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("folders.id", ondelete="CASCADE"), index=True
    )
    name: orm.Mapped[str] = orm.mapped_column(sa.String(120))

    parent: orm.Mapped[Folder | None] = orm.relationship(
        remote_side="Folder.id", back_populates="children", lazy="raise"
    )
    children: orm.Mapped[list[Folder]] = orm.relationship(
        passive_deletes="all", back_populates="parent", lazy="raise"
    )
