"""The table `samples`."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types


class Sample(base.Base):
    """One row of samples."""

    __tablename__ = "samples"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer(), primary_key=True)
    whole: orm.Mapped[int] = orm.mapped_column(sa.Integer(), default=7, server_default=sa.text("7"))
    large: orm.Mapped[int | None] = orm.mapped_column(
        sa.BigInteger(), default=-9007199254740993, server_default=sa.text("-9007199254740993")
    )
    text: orm.Mapped[str] = orm.mapped_column(
        sa.String(20), default='it\'s "so" \\ %s', server_default='it\'s "so" \\ %s'
    )
    long: orm.Mapped[str | None] = orm.mapped_column(
        sa.Text(), default="", server_default=sa.text("''")
    )
    flag: orm.Mapped[bool] = orm.mapped_column(sa.Boolean(), default=True, server_default=sa.true())
    moment: orm.Mapped[dt.datetime | None] = orm.mapped_column(
        column_types.UtcDateTime(),
        default=dt.datetime(2026, 1, 31, 12, 30, tzinfo=dt.UTC),
        server_default="2026-01-31 12:30:00+00:00",
    )
    day: orm.Mapped[dt.date | None] = orm.mapped_column(
        sa.Date(), default=dt.date(2026, 1, 31), server_default="2026-01-31"
    )
    clock: orm.Mapped[dt.time | None] = orm.mapped_column(
        sa.Time(), default=dt.time(8, 30), server_default="08:30:00"
    )
    span: orm.Mapped[dt.timedelta | None] = orm.mapped_column(
        sa.Interval(),
        default=dt.timedelta(days=1, seconds=43200),
        server_default="129600.000000 seconds",
    )
