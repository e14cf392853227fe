"""The table `diagnoses`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.appointments import Appointment


class Diagnosis(base.Base):
    """What a doctor found at an appointment."""

    __tablename__ = "diagnoses"
    __table_args__ = (
        sa.UniqueConstraint("appointment_id", "code", name="uq_diagnoses_appointment_id_code"),
        {"comment": "What a doctor found at an appointment."},
    )

    id: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    appointment_id: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger(), sa.ForeignKey("appointments.id", ondelete="CASCADE"), index=True
    )
    code: orm.Mapped[str] = orm.mapped_column(
        sa.String(8), index=True, comment="ICD-10, for instance `J06.9`."
    )
    remarks: orm.Mapped[str | None] = orm.mapped_column(sa.Text())
    certain: orm.Mapped[bool] = orm.mapped_column(
        sa.Boolean(), default=False, server_default=sa.false()
    )

    appointment: orm.Mapped[Appointment] = orm.relationship(
        back_populates="diagnoses", lazy="raise"
    )
