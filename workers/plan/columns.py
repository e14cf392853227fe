"""Columns of the document as columns of the plan: attributes, types and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from common.document.resolved import ColumnOrigin, ColumnType, DbType, ResolvedColumn, ResolvedTable
from workers.literals import literal
from workers.plan.defaults import plan_default
from workers.plan.ir import ColumnPlan, EnumPlan, ForeignKeyPlan

INTEGERS: Final = frozenset({ColumnType.INTEGER, ColumnType.BIG_INTEGER, ColumnType.SMALL_INTEGER})
_JSON: Final = "sa.JSON(none_as_null=True)"
_OWN_JSON: Final = "column_types.Json(none_as_null=True)"
_POSTGRESQL: Final = '"postgresql"'
_MYSQL: Final = '"mysql", "mariadb"'
PYTHON_TYPES: Final = {
    ColumnType.INTEGER: "int",
    ColumnType.BIG_INTEGER: "int",
    ColumnType.SMALL_INTEGER: "int",
    ColumnType.STRING: "str",
    ColumnType.TEXT: "str",
    ColumnType.BOOLEAN: "bool",
    ColumnType.DATETIME: "dt.datetime",
    ColumnType.DATE: "dt.date",
    ColumnType.TIME: "dt.time",
    ColumnType.INTERVAL: "dt.timedelta",
    ColumnType.NUMERIC: "Decimal",
    ColumnType.FLOAT: "float",
    ColumnType.JSON: "Any",
    ColumnType.UUID: "UUID",
    ColumnType.LARGE_BINARY: "bytes",
}
_PLAIN_SQL_TYPES: Final = {
    ColumnType.INTEGER: "sa.Integer()",
    ColumnType.BIG_INTEGER: "sa.BigInteger()",
    ColumnType.SMALL_INTEGER: "sa.SmallInteger()",
    ColumnType.TEXT: "sa.Text()",
    ColumnType.BOOLEAN: "sa.Boolean()",
    ColumnType.DATE: "sa.Date()",
    ColumnType.TIME: "sa.Time()",
    ColumnType.INTERVAL: "sa.Interval()",
    ColumnType.UUID: "sa.Uuid()",
    ColumnType.LARGE_BINARY: "sa.LargeBinary()",
}
COUNTER: Final = "column_types.next_number"
"""The default of a part of a key that is counted up; SQLite counts up whole keys alone."""
_LENGTH_REQUIRED: Final = frozenset({"mysql", "mssql"})
"""Where a String without a length can't be created, or can't be indexed."""
_DEFAULT_LENGTH: Final = 255
_DIGITS_NEEDED: Final = frozenset({"mysql", "mssql"})
_DEFAULT_DIGITS: Final = (28, 10)
_MYSQL_LONGEST_MEDIUM_TEXT: Final = 2**24 // 4 - 1  # characters of four bytes
_MYSQL_LONGEST_STRING: Final = 16383  # characters of four bytes in a row of 65,535 bytes


@dataclass(frozen=True, slots=True)
class ColumnContext:
    """What a column has to know of its table and its project."""

    db_type: DbType
    table: ResolvedTable | None
    """None for a made link."""
    attributes: Mapping[str, str]
    """The attribute of each column of the table."""
    enum: EnumPlan | None
    standard_names: dict[str, str]
    """What `UUID`, `Decimal` and `Any` are imported as."""
    foreign_keys: tuple[ForeignKeyPlan, ...]
    """Those of the table that the column is part of."""
    primary_key_size: int
    unique: bool
    unique_inline: bool
    index_inline: bool
    indexed: bool
    """Whether it is part of any index or unique."""
    from_mixin: bool
    redefines: bool


def plan_column(column: ResolvedColumn, context: ColumnContext) -> ColumnPlan:
    """One column with everything decided."""
    autoincrement = is_autoincrement(column, context)
    declared = plan_default(column, context.enum, context.db_type, context.standard_names)
    implied = _implied_defaults(column, context)
    length = _length(column, context.db_type)
    precision, scale = _digits(column, context.db_type)
    sql_type, migration_type = _sql_types(column, context, length, autoincrement=autoincrement)
    generated = autoincrement or implied.generated
    python_default = declared.python if declared else implied.python_default
    single = [key for key in context.foreign_keys if len(key.columns) == 1]
    python_type, imports = _python_type(column, context)
    return ColumnPlan(
        name=column.name,
        attribute=context.attributes[column.name],
        type=column.type,
        python_type=python_type,
        python_imports=imports,
        sql_type=sql_type,
        migration_type=migration_type,
        length=length,
        precision=precision,
        scale=scale,
        enum=context.enum,
        nullable=column.nullable,
        primary_key=column.primary_key,
        autoincrement=autoincrement,
        unique=context.unique,
        unique_inline=context.unique_inline,
        index_inline=context.index_inline,
        foreign_key=single[0] if single else None,
        in_foreign_key=bool(context.foreign_keys),
        has_default=python_default is not None,
        default=column.default if declared else None,
        default_value=declared.value if declared else None,
        python_default=python_default,
        on_update=implied.on_update,
        server_default=declared.server if declared else implied.server_default,
        generated=generated,
        optional_on_create=generated or column.nullable or python_default is not None,
        description=column.description,
        origin=column.origin,
        from_mixin=context.from_mixin,
        redefines=context.redefines,
        whole_seconds=context.db_type == "mysql",
    )


def is_autoincrement(column: ResolvedColumn, context: ColumnContext) -> bool:
    """Whether the database counts the column up, which not all do for a part of a key."""
    return _counts_up(column, context) and context.primary_key_size == 1


def _counts_up(column: ResolvedColumn, context: ColumnContext) -> bool:
    return (
        column.autoincrement
        and column.primary_key
        and column.type in INTEGERS
        and not context.foreign_keys
    )


@dataclass(frozen=True, slots=True)
class _Implied:
    """Defaults that nobody wrote down, since an option or the kind of key implies them."""

    python_default: str | None = None
    server_default: str | None = None
    on_update: str | None = None
    generated: bool = False


def _implied_defaults(column: ResolvedColumn, context: ColumnContext) -> _Implied:
    table = context.table
    added = column.origin in {ColumnOrigin.TIMESTAMPS, ColumnOrigin.SOFT_DELETE}
    if table is not None and table.use_timestamps and column.name in {"created_at", "updated_at"}:
        return _Implied(
            python_default="utc_now",
            server_default="sa.func.now()" if added else None,
            on_update="utc_now" if column.name == "updated_at" else None,
            generated=True,
        )
    if table is not None and table.use_soft_delete and column.name == "is_deleted":
        return _Implied(
            python_default="False", server_default="sa.false()" if added else None, generated=True
        )
    if table is not None and table.use_soft_delete and column.name == "deleted_at":
        return _Implied(generated=True)
    if column.primary_key and column.type is ColumnType.UUID and not context.foreign_keys:
        return _Implied(python_default="uuid4")
    if _counts_up(column, context) and context.primary_key_size > 1:
        return _Implied(python_default=COUNTER, generated=True)
    return _Implied()


def _python_type(column: ResolvedColumn, context: ColumnContext) -> tuple[str, tuple[str, ...]]:
    """The type of the attribute and the statements that import it."""
    if context.enum is not None:
        name = context.enum.class_name
        return name, (f"from app.models.enums import {name}",)
    plain = PYTHON_TYPES[column.type]
    if plain.startswith("dt."):
        return plain, ("import datetime as dt",)
    module = {"Decimal": "decimal", "UUID": "uuid", "Any": "typing"}.get(plain)
    if module is None:
        return plain, ()
    used = context.standard_names[plain]
    alias = "" if used == plain else f" as {used}"
    return used, (f"from {module} import {plain}{alias}",)


def _length(column: ResolvedColumn, db_type: DbType) -> int | None:
    if column.type is ColumnType.STRING and column.length is None and db_type in _LENGTH_REQUIRED:
        return _DEFAULT_LENGTH
    return column.length


def _wide_text(length: int) -> str:
    """What holds so many characters on MySQL, where a VARCHAR does not."""
    kind = "MEDIUMTEXT" if length <= _MYSQL_LONGEST_MEDIUM_TEXT else "LONGTEXT"
    return f"sa.Text().with_variant(mysql.{kind}(), {_MYSQL})"


def _sql_types(
    column: ResolvedColumn, context: ColumnContext, length: int | None, *, autoincrement: bool
) -> tuple[str, str]:
    """The type in the model and in the migration, which knows nothing of the app's own types."""
    match column.type:
        case ColumnType.STRING:
            if context.db_type == "mysql" and (length or 0) > _MYSQL_LONGEST_STRING:
                plain = _wide_text(length or 0)
            else:
                plain = f"sa.String({length or ''})"
        case ColumnType.NUMERIC:
            plain = _numeric(*_digits(column, context.db_type))
        case ColumnType.FLOAT:
            # MySQL's FLOAT has seven digits, Python's has fifteen
            plain = "sa.Double()" if context.db_type == "mysql" else "sa.Float()"
        case ColumnType.JSON if context.indexed and context.db_type == "postgresql":
            # PostgreSQL can only index its binary form
            binary = f".with_variant(postgresql.JSONB(none_as_null=True), {_POSTGRESQL})"
            return f"{_OWN_JSON}{binary}", f"{_JSON}{binary}"
        case ColumnType.JSON:
            return _OWN_JSON, _JSON
        case ColumnType.DATETIME:
            return "column_types.UtcDateTime()", "sa.DateTime(timezone=True)"
        case ColumnType.ENUM:
            assert context.enum is not None  # noqa: S101  (an Enum column always has its plan)
            values = ", ".join(literal(member.value) for member in context.enum.members)
            name = literal(context.enum.database_name)
            # The migration makes and drops PostgreSQL's types itself, once each; SQLite, which has
            # no such types, holds a column to its values by a condition
            more = {"postgresql": ", create_type=False", "sqlite": ", create_constraint=True"}.get(
                context.db_type, ""
            )
            return (
                f"column_types.enum_of({context.enum.class_name}, name={name})",
                f"sa.Enum({values}, name={name}{more})",
            )
        case _:
            plain = _PLAIN_SQL_TYPES[column.type]
    if autoincrement and column.type is not ColumnType.INTEGER:
        # SQLite counts up nothing but a column of exactly this type
        plain = f'{plain}.with_variant(sa.Integer(), "sqlite")'
    return plain, plain


def _digits(column: ResolvedColumn, db_type: DbType) -> tuple[int | None, int | None]:
    """Precision and scale; where a Numeric without them would have no place behind the point, ours.

    (MySQL takes it for ten digits in front of the point, SQL Server for eighteen.)
    """
    if column.type is ColumnType.NUMERIC and column.precision is None and db_type in _DIGITS_NEEDED:
        return _DEFAULT_DIGITS
    return column.precision, column.scale


def _numeric(precision: int | None, scale: int | None) -> str:
    if precision is None:
        return "sa.Numeric()" if scale is None else f"sa.Numeric(scale={scale})"
    return f"sa.Numeric({precision})" if scale is None else f"sa.Numeric({precision}, {scale})"
