"""The table `a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base

if TYPE_CHECKING:
    from app.models.a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb import (
        AnotherTableWithAVeryLongName,
    )


class ATableWithAVeryLongName(base.Base):
    """One row of a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa."""

    __tablename__ = "a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa"
    __table_args__ = (
        sa.PrimaryKeyConstraint(
            "id", name="pk_a_table_with_a_name_as_long_as_postgresql_will_take_7407a920"
        ),
        sa.UniqueConstraint(
            "a_column_with_a_name_as_long_as_postgresql_will_take_it_too_aaa",
            name="uq_a_table_with_a_name_as_long_as_postgresql_will_take_9f5453ce",
        ),
        sa.UniqueConstraint(
            "a_column_with_a_name_as_long_as_postgresql_will_take_it_too_aaa",
            "a_column_with_a_name_as_long_as_postgresql_will_take_it_too_bbb",
            name="uq_a_table_with_a_name_as_long_as_postgresql_will_take_57e1ab54",
        ),
        sa.Index(
            "ix_a_table_with_a_name_as_long_as_postgresql_will_take_e7d2df78",
            "a_column_with_a_name_as_long_as_postgresql_will_take_it_too_bbb",
        ),
    )

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    a_column_with_a_name_as_long_as_postgresql_will_take_it_too_aaa: orm.Mapped[str | None] = (
        orm.mapped_column(sa.String(20))
    )
    a_column_with_a_name_as_long_as_postgresql_will_take_it_too_bbb: orm.Mapped[str | None] = (
        orm.mapped_column(sa.String(20))
    )

    a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb: orm.Mapped[
        list[AnotherTableWithAVeryLongName]
    ] = orm.relationship(
        secondary="a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9",
        passive_deletes=True,
        back_populates="a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa",
        lazy="raise",
    )
