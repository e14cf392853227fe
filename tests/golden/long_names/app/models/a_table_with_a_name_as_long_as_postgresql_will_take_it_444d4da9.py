"""The table `a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9`, which links two others."""

import sqlalchemy as sa

from app.models import base

a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9 = sa.Table(
    "a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9",
    base.Base.metadata,
    sa.Column(
        "a_table_with_a_name_as_long_as_postgresql_will_take_it_dbcaddf3",
        sa.Integer(),
        sa.ForeignKey(
            "a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa.id",
            name="fk_a_table_with_a_name_as_long_as_postgresql_will_take_fd3dbd3e",
            ondelete="CASCADE",
        ),
        primary_key=True,
    ),
    sa.Column(
        "a_table_with_a_name_as_long_as_postgresql_will_take_it_54e25dc6",
        sa.Integer(),
        sa.ForeignKey(
            "a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb.id",
            name="fk_a_table_with_a_name_as_long_as_postgresql_will_take_4e2e91bb",
            ondelete="CASCADE",
        ),
        primary_key=True,
    ),
    sa.PrimaryKeyConstraint(
        "a_table_with_a_name_as_long_as_postgresql_will_take_it_dbcaddf3",
        "a_table_with_a_name_as_long_as_postgresql_will_take_it_54e25dc6",
        name="pk_a_table_with_a_name_as_long_as_postgresql_will_take_1190f09f",
    ),
    sa.Index(
        "ix_a_table_with_a_name_as_long_as_postgresql_will_take_6a229918",
        "a_table_with_a_name_as_long_as_postgresql_will_take_it_54e25dc6",
    ),
)
