"""The table `patients`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import PatientBloodGroup

if TYPE_CHECKING:
    from app.models.appointments import Appointment
    from app.models.doctors import Doctor
    from app.models.medical_records import MedicalRecord


class Patient(base.TimestampMixin, base.SoftDeleteMixin, base.Base):
    """Someone who is treated here."""

    __tablename__ = "patients"
    __table_args__ = (
        sa.Index("ix_patients_family_name_given_name", "family_name", "given_name"),
        {"comment": "Someone who is treated here."},
    )

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    insurance_number: orm.Mapped[str | None] = orm.mapped_column(sa.String(20), unique=True)
    family_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    given_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    born_on: orm.Mapped[dt.date] = orm.mapped_column(sa.Date())
    blood_group: orm.Mapped[PatientBloodGroup | None] = orm.mapped_column(
        column_types.enum_of(PatientBloodGroup, name="patient_blood_group")
    )
    phone: orm.Mapped[str | None] = orm.mapped_column(sa.String(40))
    family_doctor_id: orm.Mapped[int | None] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("doctors.id", ondelete="SET NULL"), index=True
    )

    family_doctor: orm.Mapped[Doctor | None] = orm.relationship(
        back_populates="regular_patients", lazy="raise"
    )
    record: orm.Mapped[MedicalRecord | None] = orm.relationship(
        passive_deletes="all", back_populates="patient", lazy="raise"
    )
    appointments: orm.Mapped[list[Appointment]] = orm.relationship(
        passive_deletes="all", back_populates="patient", lazy="raise"
    )
