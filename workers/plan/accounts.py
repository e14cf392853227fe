"""The table of those who may use the API, where `options.auth` asks for one."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from common.document.resolved import (
    ColumnOrigin,
    ColumnType,
    ResolvedColumn,
    ResolvedDocument,
    ResolvedTable,
)

TABLE_NAME: Final = "auth_users"
CLASS_NAME: Final = "AuthUser"
_POINTER: Final = "/options/auth"


def with_accounts(document: ResolvedDocument) -> tuple[ResolvedDocument, str | None]:
    """The document with the table of users at its end, and the table's name if there is one.

    Where the document has such a table or class, a number follows: `auth_users_2`, `AuthUser2`.
    """
    if document.options.auth == "none":
        return document, None
    tables = {name.lower() for name in document.build_order}
    classes = {table.class_name.lower() for table in document.tables}
    name, class_name, number = TABLE_NAME, CLASS_NAME, 2
    while name in tables or class_name.lower() in classes:
        name, class_name, number = f"{TABLE_NAME}_{number}", f"{CLASS_NAME}{number}", number + 1
    users = ResolvedTable(
        name=name,
        class_name=class_name,
        description="Somebody who may use the API.",
        use_timestamps=False,
        use_soft_delete=False,
        columns=(
            _column("id", ColumnType.UUID, primary_key=True),
            _column("username", ColumnType.STRING, length=150, unique=True),
            _column("password_hash", ColumnType.STRING, length=255),
            _column("is_active", ColumnType.BOOLEAN, default=True),
        ),
        foreign_keys=(),
        relationships=(),
        uniques=(),
        indexes=(),
        checks=(),
        pointer=_POINTER,
    )
    extended = replace(
        document,
        tables=(*document.tables, users),
        build_order=(*document.build_order, name),
    )
    return extended, name


def _column(
    name: str,
    type_: ColumnType,
    *,
    length: int | None = None,
    primary_key: bool = False,
    unique: bool = False,
    default: bool | None = None,
) -> ResolvedColumn:
    return ResolvedColumn(
        name=name,
        type=type_,
        length=length,
        precision=None,
        scale=None,
        values=(),
        enum_of=None,
        primary_key=primary_key,
        autoincrement=False,
        unique=unique,
        nullable=False,
        index=False,
        has_default=default is not None,
        default=default,
        description=None,
        origin=ColumnOrigin.DECLARED,
        pointer=_POINTER,
    )
