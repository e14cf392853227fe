"""Create all tables.

Revision: 8cec51174575, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "8cec51174575"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "folders",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folders")),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["folders.id"],
            name=op.f("fk_folders_parent_id_folders"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("parent_id", "name", name=op.f("uq_folders_parent_id_name")),
    )
    op.create_index(op.f("ix_folders_parent_id"), "folders", ["parent_id"])
    op.create_table(
        "employees",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("manager_id", sa.Integer(), nullable=True),
        sa.Column("mentor_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employees")),
        sa.ForeignKeyConstraint(
            ["manager_id"],
            ["employees.id"],
            name=op.f("fk_employees_manager_id_employees"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["mentor_id"],
            ["employees.id"],
            name=op.f("fk_employees_mentor_id_employees"),
            ondelete="SET NULL",
        ),
    )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("employees")
    op.drop_table("folders")
