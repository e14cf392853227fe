"""The table `a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import (
    AnotherTableWithAVeryLongNameAnEnumWithANameThatIsAsLongAsPostgresqlWillTakeIt,
)

if TYPE_CHECKING:
    from app.models.a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa import (
        ATableWithAVeryLongName,
    )


class AnotherTableWithAVeryLongName(base.Base):
    """One row of a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb."""

    __tablename__ = "a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb"
    __table_args__ = (
        sa.PrimaryKeyConstraint(
            "id", name="pk_a_table_with_a_name_as_long_as_postgresql_will_take_2af8eb3e"
        ),
        sa.Index(
            "ix_a_table_with_a_name_as_long_as_postgresql_will_take_2c826353",
            "a_foreign_key_with_a_name_as_long_as_postgresql_will_take_it_id",
        ),
    )

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    a_foreign_key_with_a_name_as_long_as_postgresql_will_take_it_id: orm.Mapped[int | None] = (
        orm.mapped_column(
            sa.Integer(),
            sa.ForeignKey(
                "a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa.id",
                name="fk_a_table_with_a_name_as_long_as_postgresql_will_take_22735d7b",
                ondelete="CASCADE",
            ),
        )
    )
    an_enum_with_a_name_that_is_as_long_as_postgresql_will_take_it_: orm.Mapped[
        AnotherTableWithAVeryLongNameAnEnumWithANameThatIsAsLongAsPostgresqlWillTakeIt | None
    ] = orm.mapped_column(
        column_types.enum_of(
            AnotherTableWithAVeryLongNameAnEnumWithANameThatIsAsLongAsPostgresqlWillTakeIt,
            name="another_table_with_a_very_long_name_an_enum_with_a_nam_33e0a12f",
        )
    )

    a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa: orm.Mapped[
        list[ATableWithAVeryLongName]
    ] = orm.relationship(
        secondary="a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9",
        passive_deletes=True,
        back_populates="a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb",
        lazy="raise",
    )
