"""Create all tables.

Revision: de76647bc03f, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "de76647bc03f"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "doctors",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("licence", sa.String(16), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column(
            "speciality",
            sa.Enum(
                "general",
                "surgery",
                "paediatrics",
                "radiology",
                "cardiology",
                name="doctor_speciality",
            ),
            server_default="general",
            nullable=False,
        ),
        sa.Column("shift_starts", sa.Time(), server_default="08:00:00", nullable=False),
        sa.Column("shift_ends", sa.Time(), server_default="16:30:00", nullable=False),
        sa.Column(
            "usual_visit",
            sa.Interval(),
            server_default="1970-01-01 00:20:00.000000",
            nullable=False,
            comment="How long an appointment takes if nobody says otherwise.",
        ),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doctors")),
        sa.UniqueConstraint("licence", name=op.f("uq_doctors_licence")),
        sa.CheckConstraint(
            sa.column("shift_starts") < sa.column("shift_ends"),
            name=op.f("ck_doctors_shift_starts_shift_ends"),
        ),
        comment="Someone who treats patients.",
    )
    op.create_table(
        "patients",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("insurance_number", sa.String(20), nullable=True),
        sa.Column("family_name", sa.String(80), nullable=False),
        sa.Column("given_name", sa.String(80), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column(
            "blood_group",
            sa.Enum("A+", "A-", "B+", "B-", "AB+", "AB-", "0+", "0-", name="patient_blood_group"),
            nullable=True,
        ),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("family_doctor_id", sa.Integer(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients")),
        sa.ForeignKeyConstraint(
            ["family_doctor_id"],
            ["doctors.id"],
            name=op.f("fk_patients_family_doctor_id_doctors"),
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint("insurance_number", name=op.f("uq_patients_insurance_number")),
        comment="Someone who is treated here.",
    )
    op.create_index(op.f("ix_patients_family_doctor_id"), "patients", ["family_doctor_id"])
    op.create_index(
        op.f("ix_patients_family_name_given_name"), "patients", ["family_name", "given_name"]
    )
    op.create_table(
        "medical_records",
        sa.Column("patient_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("allergies", sa.Text(), nullable=True),
        sa.Column(
            "medication",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="A list of names and doses.",
        ),
        sa.Column("smoker", sa.Boolean(), nullable=True),
        sa.Column("height_cm", sa.SmallInteger(), nullable=True),
        sa.Column("weight_kg", sa.Numeric(5, 2), nullable=True),
        sa.Column(
            "x_ray", sa.LargeBinary(), nullable=True, comment="The latest picture, if there is one."
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("patient_id", name=op.f("pk_medical_records")),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patients.id"],
            name=op.f("fk_medical_records_patient_id_patients"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            sa.or_(sa.column("height_cm").is_(None), sa.column("height_cm").between(20, 272)),
            name=op.f("ck_medical_records_height_cm"),
        ),
        sa.CheckConstraint(
            sa.or_(sa.column("weight_kg").is_(None), sa.column("weight_kg") > 0),
            name=op.f("ck_medical_records_weight_kg"),
        ),
        comment="What is known of a patient, one record for each.",
    )
    op.create_table(
        "rooms",
        sa.Column("number", sa.String(8), nullable=False),
        sa.Column("floor", sa.SmallInteger(), nullable=False),
        sa.Column("has_sink", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rooms")),
        comment="A room where patients are seen.",
    )
    op.create_table(
        "appointments",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("assistant_id", sa.Integer(), nullable=True),
        sa.Column(
            "referred_by",
            sa.String(16),
            nullable=True,
            comment="The licence of whoever sent the patient.",
        ),
        sa.Column("room_number", sa.String(8), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration", sa.Interval(), nullable=True),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column(
            "state",
            sa.Enum("booked", "arrived", "in progress", "done", "missed", name="appointment_state"),
            server_default="booked",
            nullable=False,
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patients.id"],
            name=op.f("fk_appointments_patient_id_patients"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"],
            ["doctors.id"],
            name=op.f("fk_appointments_doctor_id_doctors"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["assistant_id"],
            ["doctors.id"],
            name=op.f("fk_appointments_assistant_id_doctors"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["referred_by"], ["doctors.licence"], name=op.f("fk_appointments_referred_by_doctors")
        ),
        sa.ForeignKeyConstraint(
            ["room_number"],
            ["rooms.number"],
            name=op.f("fk_appointments_room_number_rooms"),
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint(
            "doctor_id", "starts_at", name=op.f("uq_appointments_doctor_id_starts_at")
        ),
        sa.UniqueConstraint(
            "patient_id", "starts_at", name=op.f("uq_appointments_patient_id_starts_at")
        ),
        comment="A time at which a doctor sees a patient. A second doctor may assist.",
    )
    op.create_index(op.f("ix_appointments_patient_id"), "appointments", ["patient_id"])
    op.create_index(op.f("ix_appointments_room_number"), "appointments", ["room_number"])
    op.create_index(op.f("ix_appointments_starts_at"), "appointments", ["starts_at"])
    op.create_table(
        "diagnoses",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("appointment_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False, comment="ICD-10, for instance `J06.9`."),
        sa.Column("remarks", sa.Text(), nullable=True),
        sa.Column("certain", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diagnoses")),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_diagnoses_appointment_id_appointments"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "appointment_id", "code", name=op.f("uq_diagnoses_appointment_id_code")
        ),
        comment="What a doctor found at an appointment.",
    )
    op.create_index(op.f("ix_diagnoses_appointment_id"), "diagnoses", ["appointment_id"])
    op.create_index(op.f("ix_diagnoses_code"), "diagnoses", ["code"])


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("diagnoses")
    op.drop_table("appointments")
    op.drop_table("rooms")
    op.drop_table("medical_records")
    op.drop_table("patients")
    op.drop_table("doctors")
