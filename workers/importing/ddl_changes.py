"""Changes of tables that are there: what gets another name or type, and what is taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from common.document.resolved import DbType
from workers.importing.ddl_parts import Name, PartReader, TableDraft
from workers.importing.expressions import DIALECTS
from workers.importing.source import SourceCheck, SourceIndex, SourceKey

_Kept = TypeVar("_Kept", SourceIndex, SourceKey, SourceCheck)


class ChangeReader:
    """Applies ALTER and DROP to the tables of `parts`, in the order in which they come."""

    def __init__(self, db_type: DbType, parts: PartReader) -> None:
        self._parts = parts
        self._tables = parts.tables
        self._db_type = db_type
        self._dialect = DIALECTS[db_type]

    def apply(  # noqa: PLR0911 - one case a kind of change
        self, draft: TableDraft, action: exp.Expression, options: Sequence[object]
    ) -> bool:
        """One change of a table; False if it can't be applied, and then nothing is changed."""
        name = self._parts.columns.identifier
        match action:
            case exp.AlterRename() if options:  # RENAME a TO b: sqlglot takes `a` for a table
                to = options[0].this if isinstance(options[0], exp.Expression) else None
                return self.rename_column(draft, name(action.this), name(to))
            case exp.AlterRename():
                self.rename(draft, self._parts.name(action.this)[1])
                return True
            case exp.RenameColumn():
                return self.rename_column(draft, name(action.this), name(action.args["to"]))
            case exp.RenameIndex():
                return self._rename_index(draft, name(action.this), name(action.args["to"]))
            case exp.ModifyColumn() if action.args.get("rename_from") is not None:
                renamed = self.rename_column(
                    draft, name(action.args["rename_from"]), name(action.this.this)
                )
                return renamed and self._parts.action(draft, action)
            case exp.AlterColumn():
                return self._alter_column(draft, action)
            case exp.DropPrimaryKey():
                self._key_columns(draft, ())
                return True
            case exp.Drop():
                dropped = [self._drop(draft, action, one) for one in action.args["tables"]]
                return all(dropped) or bool(action.args.get("exists"))
            case _:
                return self._parts.action(draft, action)

    def rename(self, draft: TableDraft, name: str) -> None:
        """Give a table another name, in the keys that lead to it as well."""
        old = (draft.schema, draft.name)
        draft.name = name
        self._tables[draft.schema, name] = self._tables.pop(old)
        for other, key in self._keys_to(old):
            _swap(other.foreign_keys, key, replace(key, target_table=name))

    def rename_column(self, draft: TableDraft, old: str, new: str) -> bool:
        """Give a column another name wherever it is spoken of; False if it is not there."""
        found = self._column(draft, old)
        if found is None or (new != found and new in draft.columns):
            return False
        checks = [self._renamed_check(check, found, new) for check in draft.checks]
        if None in checks:
            return False

        def renamed(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(new if name == found else name for name in names)

        draft.checks = [check for check in checks if check is not None]
        draft.columns = {
            new if name == found else name: replace(column, name=new) if name == found else column
            for name, column in draft.columns.items()
        }
        draft.primary_key = renamed(self._as_kept(draft.primary_key, found))
        draft.indexes = [
            replace(index, columns=renamed(self._as_kept(index.columns, found)))
            for index in draft.indexes
        ]
        draft.foreign_keys = [
            replace(key, columns=renamed(self._as_kept(key.columns, found)))
            for key in draft.foreign_keys
        ]
        for other, key in self._keys_to((draft.schema, draft.name)):
            aims = renamed(self._as_kept(key.target_columns, found))
            _swap(other.foreign_keys, key, replace(key, target_columns=aims))
        return True

    def drop_table(self, name: Name, *, cascade: bool) -> None:
        """Take a table away; with `cascade`, PostgreSQL takes the keys that lead to it as well."""
        if self._tables.pop(name, None) is not None and cascade and self._db_type == "postgresql":
            for other, key in list(self._keys_to(name)):
                other.foreign_keys.remove(key)

    def drop_index(self, name: str, table: Name | None) -> None:
        """Take an index away, if it is there: those that could not be kept were noted before."""
        drafts = [self._tables.get(table)] if table is not None else list(self._tables.values())
        for draft in drafts:
            if draft is not None and _taken(draft.indexes, self._called(name)):
                return

    def rename_index(self, old: str, new: str) -> None:
        """Give an index another name, if it is there."""
        any(self._rename_index(draft, old, new) for draft in self._tables.values())

    def _rename_index(self, draft: TableDraft, old: str, new: str) -> bool:
        called = self._called(old)
        for number, index in enumerate(draft.indexes):
            if called(index):
                draft.indexes[number] = replace(index, name=new)
                return True
        return False

    def _drop(self, draft: TableDraft, action: exp.Drop, dropped: exp.Expression) -> bool:
        name = self._parts.columns.identifier(dropped)
        match action.args.get("kind"):
            case "COLUMN":
                return self._drop_column(draft, name, cascade=bool(action.args.get("cascade")))
            case "INDEX":
                return _taken(draft.indexes, self._called(name))
            case "FOREIGN KEY":
                return _taken(draft.foreign_keys, self._called(name))
            case "CHECK":
                return _taken(draft.checks, self._called(name))
            case "CONSTRAINT":
                return self._drop_constraint(draft, name)
            case _:
                return False

    def _drop_column(self, draft: TableDraft, name: str, *, cascade: bool) -> bool:
        found = self._column(draft, name)
        if found is None:
            return False
        checks = [(check, self._names_in(check)) for check in draft.checks]
        if any(names is None for _, names in checks):
            return False
        draft.checks = [
            check
            for check, names in checks
            if not any(self._same(name, found) for name in names or ())
        ]
        self._key_columns(draft, self._without(draft.primary_key, found))
        del draft.columns[found]
        draft.indexes = [
            replace(index, columns=left)
            for index in draft.indexes
            if (left := self._without(index.columns, found))
        ]
        draft.foreign_keys = [
            key for key in draft.foreign_keys if not any(self._same(c, found) for c in key.columns)
        ]
        if cascade:
            for other, key in list(self._keys_to((draft.schema, draft.name))):
                if any(self._same(aim, found) for aim in key.target_columns):
                    other.foreign_keys.remove(key)
        return True

    def _key_columns(self, draft: TableDraft, left: tuple[str, ...]) -> None:
        """Make the primary key smaller: what was in it still can't be null."""
        for name in draft.primary_key:
            kept = self._column(draft, name)
            if kept is not None:
                draft.columns[kept] = replace(draft.columns[kept], nullable=False)
        draft.primary_key = left

    def _without(self, columns: tuple[str, ...], gone: str) -> tuple[str, ...]:
        """What is left of a key or an index: all of the rest on MySQL, elsewhere nothing."""
        left = tuple(column for column in columns if not self._same(column, gone))
        return left if left == columns or self._db_type == "mysql" else ()

    def _drop_constraint(self, draft: TableDraft, name: str) -> bool:
        called = self._called(name)
        if (
            _taken(draft.checks, called)
            or _taken(draft.indexes, called)
            or _taken(draft.foreign_keys, called)
        ):
            return True
        given = draft.primary_key_name
        if draft.primary_key and self._same(name, given or f"{draft.made_as}_pkey"):
            self._key_columns(draft, ())
            return True
        return _taken(draft.indexes, self._unnamed(draft, name, "key")) or _taken(
            draft.foreign_keys, self._unnamed(draft, name, "fkey")
        )

    def _unnamed(
        self, draft: TableDraft, name: str, ending: str
    ) -> Callable[[SourceIndex | SourceKey | SourceCheck], bool]:
        """Whether PostgreSQL calls a constraint so that was given no name."""

        def fits(one: SourceIndex | SourceKey | SourceCheck) -> bool:
            if isinstance(one, SourceCheck) or one.name is not None:
                return False
            return name == "_".join((draft.made_as, *one.columns, ending))

        return fits

    def _alter_column(self, draft: TableDraft, action: exp.AlterColumn) -> bool:
        name = self._column(draft, self._parts.columns.identifier(action.this))
        if name is None:
            return False
        column = draft.columns[name]
        default, nullable = action.args.get("default"), action.args.get("allow_null")
        if default is not None:
            sql = default.sql(dialect=self._dialect)
            counts = column.counts or sql.upper().startswith("NEXTVAL(")
            column = replace(column, default=sql, counts=counts)
        elif action.args.get("dtype") is not None:
            kind = self._parts.columns.type_of(action.args["dtype"], f"{draft.name}.{name}")
            # SQL Server's is a whole new column: it may be null unless it says something else
            said = self._db_type != "mssql"
            column = replace(column, type=kind, nullable=column.nullable if said else True)
        elif nullable is None and action.args.get("drop"):
            column = replace(column, default=None, counts=False)
        elif nullable is None:
            return False
        if nullable is not None:
            column = replace(column, nullable=bool(nullable))
        draft.columns[name] = column
        return True

    def _keys_to(self, target: Name) -> Iterable[tuple[TableDraft, SourceKey]]:
        for other in self._tables.values():
            for key in list(other.foreign_keys):
                if (key.target_schema, key.target_table) == target:
                    yield other, key

    def _same(self, name: str, other: str) -> bool:
        """PostgreSQL has folded names already; the others take no heed of case."""
        return name == other or (
            self._db_type != "postgresql" and name.casefold() == other.casefold()
        )

    def _column(self, draft: TableDraft, name: str) -> str | None:
        return next((kept for kept in draft.columns if self._same(kept, name)), None)

    def _as_kept(self, names: tuple[str, ...], kept: str) -> tuple[str, ...]:
        return tuple(kept if self._same(name, kept) else name for name in names)

    def _called(self, name: str) -> Callable[[SourceIndex | SourceKey | SourceCheck], bool]:
        return lambda one: one.name is not None and self._same(one.name, name)

    def _condition(self, check: SourceCheck) -> exp.Expression | None:
        try:
            found = sqlglot.parse_one(check.condition, dialect=self._dialect)
        except SqlglotError:
            return None
        return found if isinstance(found, exp.Expression) else None

    def _names_in(self, check: SourceCheck) -> set[str] | None:
        """The columns of a condition; None if it can't be read."""
        condition = self._condition(check)
        if condition is None:
            return None
        return {self._parts.columns.identifier(one) for one in condition.find_all(exp.Column)}

    def _renamed_check(self, check: SourceCheck, old: str, new: str) -> SourceCheck | None:
        """The check with another name of a column; None if it can't be read."""
        condition = self._condition(check)
        if condition is None:
            return None
        places = [
            column
            for column in condition.find_all(exp.Column)
            if self._same(self._parts.columns.identifier(column), old)
        ]
        if not places:
            return check
        for column in places:
            column.set("this", exp.to_identifier(new, quoted=True))
        return replace(check, condition=condition.sql(dialect=self._dialect))


def _taken(kept: list[_Kept], fits: Callable[[_Kept], bool]) -> bool:
    """Take the first that fits out of a list; False if there is none."""
    for number, one in enumerate(kept):
        if fits(one):
            del kept[number]
            return True
    return False


def _swap(keys: list[SourceKey], old: SourceKey, new: SourceKey) -> None:
    keys[keys.index(old)] = new
