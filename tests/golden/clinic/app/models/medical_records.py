"""The table `medical_records`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types

if TYPE_CHECKING:
    from app.models.patients import Patient


class MedicalRecord(base.TimestampMixin, base.Base):
    """What is known of a patient, one record for each."""

    __tablename__ = "medical_records"
    __table_args__ = (
        sa.CheckConstraint(
            sa.or_(sa.column("height_cm").is_(None), sa.column("height_cm").between(20, 272)),
            name="ck_medical_records_height_cm",
        ),
        sa.CheckConstraint(
            sa.or_(sa.column("weight_kg").is_(None), sa.column("weight_kg") > 0),
            name="ck_medical_records_weight_kg",
        ),
        {"comment": "What is known of a patient, one record for each."},
    )

    patient_id: orm.Mapped[int] = orm.mapped_column(
        sa.Integer(), sa.ForeignKey("patients.id", ondelete="CASCADE"), primary_key=True
    )
    allergies: orm.Mapped[str | None] = orm.mapped_column(sa.Text())
    medication: orm.Mapped[Any | None] = orm.mapped_column(
        column_types.Json(none_as_null=True), nullable=True, comment="A list of names and doses."
    )
    smoker: orm.Mapped[bool | None] = orm.mapped_column(sa.Boolean())
    height_cm: orm.Mapped[int | None] = orm.mapped_column(sa.SmallInteger())
    weight_kg: orm.Mapped[Decimal | None] = orm.mapped_column(sa.Numeric(5, 2))
    x_ray: orm.Mapped[bytes | None] = orm.mapped_column(
        sa.LargeBinary(), comment="The latest picture, if there is one."
    )

    patient: orm.Mapped[Patient] = orm.relationship(back_populates="record", lazy="raise")
