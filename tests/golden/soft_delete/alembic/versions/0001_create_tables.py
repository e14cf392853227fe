"""Create all tables.

Revision: 7bd0f9b5a00d, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "7bd0f9b5a00d"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "pads",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pads")),
    )
    op.create_index(op.f("ix_pads_deleted_at"), "pads", ["deleted_at"])
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("pad_id", sa.Integer(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
        sa.ForeignKeyConstraint(
            ["pad_id"], ["pads.id"], name=op.f("fk_notes_pad_id_pads"), ondelete="RESTRICT"
        ),
        sa.UniqueConstraint("title", name=op.f("uq_notes_title")),
    )
    op.create_table(
        "labels",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
        sa.UniqueConstraint("name", name=op.f("uq_labels_name")),
    )
    op.create_table(
        "labels_notes",
        sa.Column("label_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("note_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("label_id", "note_id", name=op.f("pk_labels_notes")),
        sa.ForeignKeyConstraint(
            ["label_id"],
            ["labels.id"],
            name=op.f("fk_labels_notes_label_id_labels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["note_id"],
            ["notes.id"],
            name=op.f("fk_labels_notes_note_id_notes"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_labels_notes_note_id"), "labels_notes", ["note_id"])


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("labels_notes")
    op.drop_table("labels")
    op.drop_table("notes")
    op.drop_table("pads")
