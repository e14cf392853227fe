"""The table `more_samples`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import MoreSampleMood


class MoreSample(base.Base):
    """One row of more_samples."""

    __tablename__ = "more_samples"

    id: orm.Mapped[UUID] = orm.mapped_column(sa.Uuid(), primary_key=True, default=uuid4)
    price: orm.Mapped[Decimal] = orm.mapped_column(
        sa.Numeric(8, 2), default=Decimal("12.50"), server_default=sa.text("12.50")
    )
    ratio: orm.Mapped[float | None] = orm.mapped_column(
        sa.Float(), default=0.25, server_default=sa.text("0.25")
    )
    mood: orm.Mapped[MoreSampleMood | None] = orm.mapped_column(
        column_types.enum_of(MoreSampleMood, name="more_sample_mood"),
        default=MoreSampleMood.GOOD,
        server_default="good",
    )
    extra: orm.Mapped[Any | None] = orm.mapped_column(
        column_types.Json(none_as_null=True),
        nullable=True,
        default=lambda: {"a": [1, None]},
        server_default='{"a": [1, null]}',
    )
    token: orm.Mapped[UUID | None] = orm.mapped_column(
        sa.Uuid(),
        default=UUID("00000000-0000-4000-8000-000000000001"),
        server_default=sa.literal(UUID("00000000-0000-4000-8000-000000000001"), sa.Uuid()),
    )
    blob: orm.Mapped[bytes | None] = orm.mapped_column(sa.LargeBinary(), default=b"\x00\x01\x02")
    empty: orm.Mapped[int | None] = orm.mapped_column(sa.Integer())
