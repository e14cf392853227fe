"""The table `class`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import orm

from app.models import base, column_types
from app.models.enums import ClassTypeEnum

if TYPE_CHECKING:
    from app.models.group import Group
    from app.models.order import Order


class Class(base.TimestampMixin, base.SoftDeleteMixin, base.Base):
    """A table called like a keyword; \"\"" ends no docstring here."""

    __tablename__ = "class"
    __table_args__ = (
        sa.UniqueConstraint("class", "int", name="uq_class_class_int"),
        sa.CheckConstraint(
            sa.or_(sa.column("lambda") < 1000000, sa.column("from").is_not(None)),
            name="ck_class_lambda_from",
        ),
        sa.CheckConstraint(
            sa.or_(sa.column("type") != "it's", sa.column("int").in_([1, 2, 3])),
            name="ck_class_type_int",
        ),
        sa.Index("ix_class_from_async", "from", "async"),
        {"comment": 'A table called like a keyword; """ ends no docstring here.'},
    )

    import_: orm.Mapped[int] = orm.mapped_column("import", sa.Integer(), primary_key=True)
    class_: orm.Mapped[str] = orm.mapped_column(
        "class",
        sa.String(100),
        default='it\'s "quoted" \\ {braces} {{twice}} %s %% ${x}',
        server_default='it\'s "quoted" \\ {braces} {{twice}} %s %% ${x}',
    )
    def_: orm.Mapped[str | None] = orm.mapped_column(
        "def", sa.Text(), default='"""', server_default='"""'
    )
    None_: orm.Mapped[bool] = orm.mapped_column(
        "None", sa.Boolean(), default=True, server_default=sa.true()
    )
    lambda_: orm.Mapped[float | None] = orm.mapped_column(
        "lambda", sa.Float(), default=-0.5, server_default=sa.text("-0.5")
    )
    from_: orm.Mapped[dt.date | None] = orm.mapped_column(
        "from", sa.Date(), default=dt.date(2000, 2, 29), server_default="2000-02-29"
    )
    async_: orm.Mapped[dt.datetime | None] = orm.mapped_column(
        "async",
        column_types.UtcDateTime(),
        default=dt.datetime(2026, 1, 31, 12, 30, tzinfo=dt.UTC),
        server_default="2026-01-31 12:30:00+00:00",
    )
    metadata_: orm.Mapped[Any | None] = orm.mapped_column(
        "metadata",
        column_types.Json(none_as_null=True),
        nullable=True,
        default=lambda: {"a": [1, None, {"b": "'"}], "class": "None"},
        server_default='{"a": [1, null, {"b": "\'"}], "class": "None"}',
    )
    registry_: orm.Mapped[str | None] = orm.mapped_column("registry", sa.String(40))
    column_model_config_: orm.Mapped[str | None] = orm.mapped_column(
        "model_config", sa.String(40), default="None", server_default="None"
    )
    column_model_fields_: orm.Mapped[int | None] = orm.mapped_column(
        "model_fields", sa.Integer(), default=-2147483648, server_default=sa.text("-2147483648")
    )
    query: orm.Mapped[str | None] = orm.mapped_column(
        sa.String(40), default="datetime.now()", server_default="datetime.now()"
    )
    self_: orm.Mapped[str | None] = orm.mapped_column(
        "self", sa.String(40), default="", server_default=sa.text("''")
    )
    private_: orm.Mapped[int | None] = orm.mapped_column(
        "_private", sa.SmallInteger(), default=32767, server_default=sa.text("32767")
    )
    dunder_: orm.Mapped[str | None] = orm.mapped_column("__dunder__", sa.String(40))
    UpperCase: orm.Mapped[str | None] = orm.mapped_column(sa.String(40))
    int_: orm.Mapped[int | None] = orm.mapped_column(
        "int", sa.BigInteger(), default=9007199254740993, server_default=sa.text("9007199254740993")
    )
    str_: orm.Mapped[str | None] = orm.mapped_column("str", sa.String(40), index=True)
    list_: orm.Mapped[str | None] = orm.mapped_column("list", sa.String(40))
    type: orm.Mapped[ClassTypeEnum] = orm.mapped_column(
        column_types.enum_of(ClassTypeEnum, name="class_type_256c09c4"),
        default=ClassTypeEnum.IN_PROGRESS,
        server_default="in progress",
    )

    orders: orm.Mapped[list[Order]] = orm.relationship(
        passive_deletes="all", back_populates="owner", lazy="raise"
    )
    groups: orm.Mapped[list[Group]] = orm.relationship(
        secondary="class_group", passive_deletes=True, back_populates="linked_class", lazy="raise"
    )
