"""The table `doctors`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import DoctorSpeciality

if TYPE_CHECKING:
    from app.models.appointments import Appointment
    from app.models.patients import Patient


class Doctor(base.SoftDeleteMixin, base.Base):
    """Someone who treats patients."""

    __tablename__ = "doctors"
    __table_args__ = (
        sa.CheckConstraint(
            sa.column("shift_starts") < sa.column("shift_ends"),
            name="ck_doctors_shift_starts_shift_ends",
        ),
        {"comment": "Someone who treats patients."},
    )

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    licence: orm.Mapped[str] = orm.mapped_column(sa.String(16), unique=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    speciality: orm.Mapped[DoctorSpeciality] = orm.mapped_column(
        column_types.enum_of(DoctorSpeciality, name="doctor_speciality"),
        default=DoctorSpeciality.GENERAL,
        server_default="general",
    )
    shift_starts: orm.Mapped[dt.time] = orm.mapped_column(
        sa.Time(), default=dt.time(8, 0), server_default="08:00:00"
    )
    shift_ends: orm.Mapped[dt.time] = orm.mapped_column(
        sa.Time(), default=dt.time(16, 30), server_default="16:30:00"
    )
    usual_visit: orm.Mapped[dt.timedelta] = orm.mapped_column(
        sa.Interval(),
        default=dt.timedelta(seconds=1200),
        server_default="1970-01-01 00:20:00.000000",
        comment="How long an appointment takes if nobody says otherwise.",
    )

    regular_patients: orm.Mapped[list[Patient]] = orm.relationship(
        passive_deletes="all", back_populates="family_doctor", lazy="raise"
    )
    appointments: orm.Mapped[list[Appointment]] = orm.relationship(
        foreign_keys="Appointment.doctor_id",
        passive_deletes="all",
        back_populates="doctor",
        lazy="raise",
    )
    assisted_appointments: orm.Mapped[list[Appointment]] = orm.relationship(
        foreign_keys="Appointment.assistant_id",
        passive_deletes="all",
        back_populates="assistant",
        lazy="raise",
    )
    referrals: orm.Mapped[list[Appointment]] = orm.relationship(
        foreign_keys="Appointment.referred_by",
        passive_deletes="all",
        back_populates="referrer",
        lazy="raise",
    )
