"""What a column must be in itself: its name, its size, its values, its flags."""

from __future__ import annotations

from common.document import names
from common.document.draft import Draft, DraftColumn, DraftTable
from common.document.models import Column
from common.document.mysql_texts import alike, is_wide
from common.document.pointers import shorten
from common.document.resolved import ColumnType
from common.document.secret_columns import check_secrecy

INTEGERS = {ColumnType.INTEGER, ColumnType.BIG_INTEGER, ColumnType.SMALL_INTEGER}
MAX_ENUM_VALUE_BYTES = 63
_NO_SEGMENT = frozenset({"", ".", ".."})

_MAX_LENGTH = {"postgresql": 10_485_760, "mysql": 10_485_760, "sqlite": 10_485_760, "mssql": 8000}
_MAX_PRECISION = {"postgresql": 1000, "mysql": 65, "sqlite": 1000, "mssql": 38}
_MAX_SCALE = {"postgresql": 1000, "mysql": 30, "sqlite": 1000, "mssql": 38}

MYSQL_LONGEST_STRING = 16_383
MYSQL_STRING_LENGTH = 255
"""What a String without a length gets where the database demands one."""


def check_column(draft: Draft, table: DraftTable, column: DraftColumn) -> None:
    """Note what is wrong with a declared column, apart from its references and its default."""
    source = column.source
    if source is None:
        return
    if not column.name.startswith("\0"):  # a stand-in for one that could not be read
        _check_name(draft, column)
    if column.doubtful:
        return
    _check_sizes(draft, column, source)
    _check_values(draft, column, source)
    _check_key_values(draft, column)
    _check_autoincrement(draft, table, column)
    check_secrecy(draft, column)
    check_comment(draft, column.pointer, source.description)
    if source.type != "ForeignKey":
        for member in ("target", "on_delete"):
            value = getattr(source, member)
            if value is not None and value != "NO ACTION":
                _misplaced(draft, column, member, "a ForeignKey")


def check_comment(draft: Draft, pointer: str, description: str | None) -> None:
    """Warn of a description that MySQL can't keep whole as the comment of a table or column."""
    if draft.db_type == "mysql" and is_wide(description or ""):
        draft.findings.warn(
            f"{pointer}/description",
            "comment_simplified",
            "MySQL's comments hold no characters of four bytes; there each becomes a `?`.",
        )


def _check_name(draft: Draft, column: DraftColumn) -> None:
    pointer = f"{column.pointer}/name"
    if not names.COLUMN_NAME.fullmatch(column.name):
        draft.findings.fault(
            pointer,
            "invalid_name",
            f"{shorten(column.name)!r} must be ASCII letters, digits and `_`, not first a digit.",
        )
    elif len(column.name) > names.MAX_NAME_BYTES:
        draft.findings.fault(
            pointer,
            "name_too_long",
            f"A column's name has at most {names.MAX_NAME_BYTES} bytes, not {len(column.name)}.",
        )


def _misplaced(draft: Draft, column: DraftColumn, member: str, owner: str) -> None:
    kind = column.source.type if column.source else "such"
    draft.findings.fault(
        f"{column.pointer}/{member}",
        "not_applicable",
        f"`{member}` belongs to {owner}, and {column.name!r} is a {kind} column.",
    )


def _check_sizes(draft: Draft, column: DraftColumn, source: Column) -> None:
    if source.length is not None:
        if source.type != "String":
            _misplaced(draft, column, "length", "a String")
        elif draft.db_type == "mysql" and source.length > MYSQL_LONGEST_STRING:
            draft.findings.warn(
                f"{column.pointer}/length",
                "stored_as_text",
                f"MySQL's longest VARCHAR has {MYSQL_LONGEST_STRING} characters; {column.name!r}"
                " becomes a TEXT.",
            )
        elif source.length > _MAX_LENGTH[draft.db_type]:
            draft.findings.fault(
                f"{column.pointer}/length",
                "out_of_range",
                f"A String of {draft.db_type} has at most {_MAX_LENGTH[draft.db_type]} characters;"
                " use Text.",
            )
    elif source.type == "String" and draft.db_type == "mysql":
        column.length = MYSQL_STRING_LENGTH
        draft.findings.warn(
            column.pointer,
            "length_assumed",
            f"MySQL needs a length; {column.name!r} gets {MYSQL_STRING_LENGTH}.",
        )
    if source.type != "Numeric":
        for member in ("precision", "scale"):
            if getattr(source, member) is not None:
                _misplaced(draft, column, member, "a Numeric")
        return
    _check_digits(draft, column, source)


def _check_digits(draft: Draft, column: DraftColumn, source: Column) -> None:
    precision, scale = source.precision, source.scale
    if precision is not None and precision > _MAX_PRECISION[draft.db_type]:
        draft.findings.fault(
            f"{column.pointer}/precision",
            "out_of_range",
            f"A Numeric of {draft.db_type} has at most {_MAX_PRECISION[draft.db_type]} digits.",
        )
    if scale is None:
        return
    if precision is None:
        draft.findings.fault(
            f"{column.pointer}/scale", "not_applicable", "`scale` needs a `precision` beside it."
        )
    elif scale > precision:
        draft.findings.fault(
            f"{column.pointer}/scale",
            "out_of_range",
            f"`scale` {scale} must not exceed `precision` {precision}.",
        )
    elif scale > _MAX_SCALE[draft.db_type]:
        draft.findings.fault(
            f"{column.pointer}/scale",
            "out_of_range",
            f"A Numeric of {draft.db_type} has at most {_MAX_SCALE[draft.db_type]} digits behind"
            " the point.",
        )


def _check_values(draft: Draft, column: DraftColumn, source: Column) -> None:
    if source.type != "Enum":
        if source.values is not None:
            _misplaced(draft, column, "values", "an Enum")
        return
    if not source.values:
        place = f"{column.pointer}/values" if source.values is not None else column.pointer
        draft.findings.fault(place, "values_missing", "An Enum needs a value in `values`.")
        return
    on_mysql = draft.db_type == "mysql"
    seen: set[tuple[int, str]] = set()
    for index, value in enumerate(source.values):
        pointer = f"{column.pointer}/values/{index}"
        if len(value.encode()) > MAX_ENUM_VALUE_BYTES:
            draft.findings.fault(
                pointer,
                "value_too_long",
                f"A value of an Enum has at most {MAX_ENUM_VALUE_BYTES} bytes.",
            )
        if on_mysql and value.endswith(" "):
            draft.findings.fault(
                pointer,
                "trailing_blank",
                f"MySQL takes the blanks from the end of {shorten(value)!r}.",
            )
        forms = set(enumerate(alike(value) if on_mysql else (value,)))
        if not seen.isdisjoint(forms):
            same = "to MySQL the same as one of" if on_mysql else "among"
            message = f"{shorten(value)!r} is {same} the values already."
            draft.findings.fault(pointer, "duplicate_value", message)
        seen |= forms


def _check_key_values(draft: Draft, column: DraftColumn) -> None:
    """A key stands in paths, so that each of its values must have a path of its own."""
    if not column.primary_key or not column.values:
        return
    table, name = column.enum_of or (None, None)
    declaring = draft.tables[table].columns[name] if table and name else column
    for index, value in enumerate(column.values):
        if value in _NO_SEGMENT:
            draft.findings.fault(
                f"{declaring.pointer}/values/{index}",
                "not_in_path",
                f"{value!r} can't stand in a path, as a value of a primary key does: it must not be"
                " empty, `.` or `..`.",
            )


def _check_autoincrement(draft: Draft, table: DraftTable, column: DraftColumn) -> None:
    if not column.autoincrement:
        return
    pointer = f"{column.pointer}/autoincrement"
    if column.type not in INTEGERS:
        draft.findings.fault(
            pointer, "not_applicable", "Only an Integer, BigInteger or SmallInteger can count up."
        )
    elif not column.primary_key:
        draft.findings.fault(pointer, "not_applicable", "Only a key column can count up.")
    elif column.source is not None and column.source.has_default:
        draft.findings.fault(
            f"{column.pointer}/default",
            "not_applicable",
            "A column that counts up has no default.",
        )
    elif draft.db_type == "sqlite" and len(table.primary_key) > 1:
        draft.findings.fault(
            pointer, "not_applicable", "SQLite can't count up a part of a composite primary key."
        )
    elif any(
        other.autoincrement and other is not column and other.pointer < column.pointer
        for other in table.columns.values()
    ):
        draft.findings.fault(pointer, "not_applicable", "Only one column of a table can count up.")
