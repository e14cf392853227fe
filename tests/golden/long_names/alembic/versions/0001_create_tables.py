"""Create all tables.

Revision: d0bc4b2ced9d, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "d0bc4b2ced9d"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column(
            "a_column_with_a_name_as_long_as_postgresql_will_take_it_too_aaa",
            sa.String(20),
            nullable=True,
        ),
        sa.Column(
            "a_column_with_a_name_as_long_as_postgresql_will_take_it_too_bbb",
            sa.String(20),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint(
            "id", name=op.f("pk_a_table_with_a_name_as_long_as_postgresql_will_take_7407a920")
        ),
        sa.UniqueConstraint(
            "a_column_with_a_name_as_long_as_postgresql_will_take_it_too_aaa",
            name=op.f("uq_a_table_with_a_name_as_long_as_postgresql_will_take_9f5453ce"),
        ),
        sa.UniqueConstraint(
            "a_column_with_a_name_as_long_as_postgresql_will_take_it_too_aaa",
            "a_column_with_a_name_as_long_as_postgresql_will_take_it_too_bbb",
            name=op.f("uq_a_table_with_a_name_as_long_as_postgresql_will_take_57e1ab54"),
        ),
    )
    op.create_index(
        op.f("ix_a_table_with_a_name_as_long_as_postgresql_will_take_e7d2df78"),
        "a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa",
        ["a_column_with_a_name_as_long_as_postgresql_will_take_it_too_bbb"],
    )
    op.create_table(
        "a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column(
            "a_foreign_key_with_a_name_as_long_as_postgresql_will_take_it_id",
            sa.Integer(),
            nullable=True,
        ),
        sa.Column(
            "an_enum_with_a_name_that_is_as_long_as_postgresql_will_take_it_",
            sa.Enum(
                "one", "two", name="another_table_with_a_very_long_name_an_enum_with_a_nam_33e0a12f"
            ),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint(
            "id", name=op.f("pk_a_table_with_a_name_as_long_as_postgresql_will_take_2af8eb3e")
        ),
        sa.ForeignKeyConstraint(
            ["a_foreign_key_with_a_name_as_long_as_postgresql_will_take_it_id"],
            ["a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa.id"],
            name=op.f("fk_a_table_with_a_name_as_long_as_postgresql_will_take_22735d7b"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        op.f("ix_a_table_with_a_name_as_long_as_postgresql_will_take_2c826353"),
        "a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb",
        ["a_foreign_key_with_a_name_as_long_as_postgresql_will_take_it_id"],
    )
    op.create_table(
        "a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9",
        sa.Column(
            "a_table_with_a_name_as_long_as_postgresql_will_take_it_dbcaddf3",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "a_table_with_a_name_as_long_as_postgresql_will_take_it_54e25dc6",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
        ),
        sa.PrimaryKeyConstraint(
            "a_table_with_a_name_as_long_as_postgresql_will_take_it_dbcaddf3",
            "a_table_with_a_name_as_long_as_postgresql_will_take_it_54e25dc6",
            name=op.f("pk_a_table_with_a_name_as_long_as_postgresql_will_take_1190f09f"),
        ),
        sa.ForeignKeyConstraint(
            ["a_table_with_a_name_as_long_as_postgresql_will_take_it_dbcaddf3"],
            ["a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa.id"],
            name=op.f("fk_a_table_with_a_name_as_long_as_postgresql_will_take_fd3dbd3e"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["a_table_with_a_name_as_long_as_postgresql_will_take_it_54e25dc6"],
            ["a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb.id"],
            name=op.f("fk_a_table_with_a_name_as_long_as_postgresql_will_take_4e2e91bb"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        op.f("ix_a_table_with_a_name_as_long_as_postgresql_will_take_6a229918"),
        "a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9",
        ["a_table_with_a_name_as_long_as_postgresql_will_take_it_54e25dc6"],
    )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9")
    op.drop_table("a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb")
    op.drop_table("a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa")
