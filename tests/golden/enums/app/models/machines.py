"""The table `machines`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import MachineKind, MachineStatus


class Machine(base.Base):
    """One row of machines."""

    __tablename__ = "machines"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    status: orm.Mapped[MachineStatus] = orm.mapped_column(
        column_types.enum_of(MachineStatus, name="machine_status")
    )
    kind: orm.Mapped[MachineKind | None] = orm.mapped_column(
        column_types.enum_of(MachineKind, name="machine_kind")
    )
