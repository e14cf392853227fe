"""Create all tables.

Revision: 6383e04f08f3, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "6383e04f08f3"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "people",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("name", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_table(
        "employees",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hired_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_employees")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_employees_person_id_people"),
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "managers",
        sa.Column("employee_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("budget", sa.Numeric(12, 2), nullable=True),
        sa.PrimaryKeyConstraint("employee_id", name=op.f("pk_managers")),
        sa.ForeignKeyConstraint(
            ["employee_id"],
            ["employees.person_id"],
            name=op.f("fk_managers_employee_id_employees"),
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("managers")
    op.drop_table("employees")
    op.drop_table("people")
