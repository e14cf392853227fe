"""The table `appointments`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import AppointmentState

if TYPE_CHECKING:
    from app.models.diagnoses import Diagnosis
    from app.models.doctors import Doctor
    from app.models.patients import Patient
    from app.models.rooms import Room


class Appointment(base.TimestampMixin, base.Base):
    """A time at which a doctor sees a patient. A second doctor may assist."""

    __tablename__ = "appointments"
    __table_args__ = (
        sa.UniqueConstraint("doctor_id", "starts_at", name="uq_appointments_doctor_id_starts_at"),
        sa.UniqueConstraint("patient_id", "starts_at", name="uq_appointments_patient_id_starts_at"),
        {"comment": "A time at which a doctor sees a patient. A second doctor may assist."},
    )

    id: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    patient_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("patients.id", ondelete="CASCADE"), index=True
    )
    doctor_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("doctors.id", ondelete="RESTRICT")
    )
    assistant_id: orm.Mapped[int | None] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("doctors.id", ondelete="SET NULL")
    )
    referred_by: orm.Mapped[str | None] = orm.mapped_column(
        sa.String(16),
        sa.ForeignKey("doctors.licence"),
        comment="The licence of whoever sent the patient.",
    )
    room_number: orm.Mapped[str | None] = orm.mapped_column(
        sa.String(8), sa.ForeignKey("rooms.number", ondelete="SET NULL"), index=True
    )
    starts_at: orm.Mapped[dt.datetime] = orm.mapped_column(column_types.UtcDateTime(), index=True)
    duration: orm.Mapped[dt.timedelta | None] = orm.mapped_column(sa.Interval())
    reason: orm.Mapped[str | None] = orm.mapped_column(sa.String(200))
    state: orm.Mapped[AppointmentState] = orm.mapped_column(
        column_types.enum_of(AppointmentState, name="appointment_state"),
        default=AppointmentState.BOOKED,
        server_default="booked",
    )

    patient: orm.Mapped[Patient] = orm.relationship(back_populates="appointments", lazy="raise")
    doctor: orm.Mapped[Doctor] = orm.relationship(
        foreign_keys="Appointment.doctor_id", back_populates="appointments", lazy="raise"
    )
    assistant: orm.Mapped[Doctor | None] = orm.relationship(
        foreign_keys="Appointment.assistant_id",
        back_populates="assisted_appointments",
        lazy="raise",
    )
    referrer: orm.Mapped[Doctor | None] = orm.relationship(
        foreign_keys="Appointment.referred_by", back_populates="referrals", lazy="raise"
    )
    room: orm.Mapped[Room | None] = orm.relationship(back_populates="appointments", lazy="raise")
    diagnoses: orm.Mapped[list[Diagnosis]] = orm.relationship(
        passive_deletes="all", back_populates="appointment", lazy="raise"
    )
