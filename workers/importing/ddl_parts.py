"""What statements say of one table: columns, constraints, indexes and changes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from common.document.resolved import DbType
from workers.importing.ddl_columns import ColumnReader, Made
from workers.importing.expressions import DIALECTS
from workers.importing.source import (
    SourceCheck,
    SourceColumn,
    SourceIndex,
    SourceKey,
    SourceTable,
)

Name = tuple[str | None, str]
"""Schema and name of a table."""


@dataclass(slots=True, eq=False)
class TableDraft:
    """A table as far as the statements so far have made it."""

    schema: str | None
    name: str
    comment: str | None = None
    columns: dict[str, SourceColumn] = field(default_factory=dict)
    primary_key: tuple[str, ...] = ()
    primary_key_name: str | None = None
    made_as: str = ""
    """Its first name: PostgreSQL calls constraints after it."""
    foreign_keys: list[SourceKey] = field(default_factory=list)
    indexes: list[SourceIndex] = field(default_factory=list)
    checks: list[SourceCheck] = field(default_factory=list)

    def finished(self) -> SourceTable:
        """The table as it stands."""
        columns = tuple(
            replace(column, nullable=column.nullable and column.name not in self.primary_key)
            for column in self.columns.values()
        )
        return SourceTable(
            self.name,
            self.schema,
            self.comment,
            columns,
            self.primary_key,
            tuple(self.foreign_keys),
            tuple(self.indexes),
            tuple(self.checks),
        )


class PartReader:
    """Adds to tables what statements say of them."""

    def __init__(self, db_type: DbType, note: Callable[[str, str], None]) -> None:
        self.columns = ColumnReader(db_type, note)
        self.tables: dict[Name, TableDraft] = {}
        self._db_type = db_type
        self._note = note

    def name(self, table: exp.Expression) -> Name:
        """Schema and name of a table that is spoken of."""
        assert isinstance(table, exp.Table)  # noqa: S101 - as sqlglot has it
        schema = self.columns.identifier(table.args.get("db"))
        name = self.columns.identifier(table.this)
        if self._db_type == "postgresql":
            return schema or "public", name
        return None, name

    def copy(self, draft: TableDraft, parent: exp.Expression, text: str) -> None:
        """Give a table the columns of another."""
        other = self.tables.get(self.name(parent))
        self._note(draft.name, text.format(self.name(parent)[1]))
        if other is not None:
            draft.columns |= other.columns

    def part(self, draft: TableDraft, part: exp.Expression) -> None:
        """A column or a constraint of a table."""
        match part:
            case exp.ColumnDef():
                self._add_column(draft, part)
            case exp.LikeProperty():
                self.copy(draft, part.this, "made like {}, without its keys and indexes")
            case exp.Constraint():
                for kind in part.expressions:
                    self._constraint(draft, kind, part.name)
            case _:
                self._constraint(draft, part, None)

    def _add_column(self, draft: TableDraft, part: exp.ColumnDef) -> None:
        made: Made = self.columns.read(draft.name, part)
        draft.columns[made.column.name] = made.column
        if made.primary_key:
            draft.primary_key = (made.column.name,)
        if made.unique:
            draft.indexes.append(SourceIndex(None, (made.column.name,), unique=True))
        if made.reference is not None:
            self._add_key(draft, (made.column.name,), made.reference, None)
        draft.checks += made.checks

    def _constraint(self, draft: TableDraft, kind: exp.Expression, name: str | None) -> None:
        match kind:
            case exp.PrimaryKey() | exp.PrimaryKeyColumnConstraint():
                draft.primary_key = self._plain(kind) or draft.primary_key
                draft.primary_key_name = name
            case exp.ClusteredColumnConstraint() | exp.NonClusteredColumnConstraint():
                columns = tuple(self.columns.name_of(one) for one in kind.this or ())
                if not draft.primary_key:
                    draft.primary_key = columns
            case exp.ForeignKey():
                columns = tuple(map(self.columns.identifier, kind.expressions))
                self._add_key(draft, columns, kind.args["reference"], name)
            case exp.UniqueColumnConstraint():
                inner = kind.this
                named = inner.this.name if isinstance(inner, exp.Schema) and inner.this else name
                parts = inner.expressions if isinstance(inner, exp.Schema) else [inner]
                self._add_index(draft, named, parts, unique=True)
            case exp.IndexColumnConstraint():
                special = f"of the kind {kind.args['kind']}" if kind.args.get("kind") else None
                self._add_index(draft, kind.name, kind.expressions, unique=False, special=special)
            case exp.CheckColumnConstraint() | exp.Check():
                draft.checks.append(
                    SourceCheck(name, kind.this.sql(dialect=DIALECTS[self._db_type]))
                )
            case _:
                said = kind.sql(dialect=DIALECTS[self._db_type])
                self._note(draft.name, f"{' '.join(said.split())} is left out")

    def _plain(self, kind: exp.Expression) -> tuple[str, ...]:
        return tuple(
            self.columns.name_of(part)
            for part in kind.expressions
            if not isinstance(part, exp.IndexParameters)
        )

    def _add_key(
        self,
        draft: TableDraft,
        columns: tuple[str, ...],
        reference: exp.Expression,
        name: str | None,
    ) -> None:
        place = f"{draft.name}.{', '.join(columns)}"
        key = self.columns.key(columns, reference, place, name)
        schema, target = self.name(
            reference.this.this if isinstance(reference.this, exp.Schema) else reference.this
        )
        draft.foreign_keys.append(replace(key, target_schema=schema, target_table=target))

    def _add_index(
        self,
        draft: TableDraft,
        name: str | None,
        parts: Sequence[exp.Expression],
        *,
        unique: bool,
        special: str | None = None,
    ) -> None:
        plain = [self.columns.indexed(part) for part in parts]
        if special is None and any(column is None for column in plain):
            special = "on expressions or beginnings of values"
        place = f"{draft.name}.{name}" if name else draft.name
        if special is not None:
            kind = "a unique index" if unique else "an index"
            self._note(place, f"{kind} {special} is left out")
            return
        if any(isinstance(part, exp.Ordered) and part.args.get("desc") for part in parts):
            self._note(place, "the index runs upwards, not down")
        columns = tuple(column for column in plain if column is not None)
        draft.indexes.append(SourceIndex(name, columns, unique=unique))

    def create_index(self, index: exp.Expression, *, unique: bool) -> None:
        """An index that is made apart from its table."""
        draft = self.tables.get(self.name(index.args["table"]))
        if draft is None:
            return
        parameters = index.args.get("params")
        special = None
        columns: list[exp.Expression] = []
        if parameters is not None:
            columns = parameters.args.get("columns") or []
            using = parameters.args.get("using")
            if using is not None and using.name.lower() not in {"btree", "hash"}:
                special = f"of the kind {using.name}"
            if parameters.args.get("where") is not None:
                special = "on some rows only"
            if parameters.args.get("include"):
                self._note(draft.name, f"INCLUDE of the index {index.name} is not kept")
        self._add_index(draft, index.name, columns, unique=unique, special=special)

    def action(self, draft: TableDraft, action: exp.Expression) -> bool:
        """One change of a table; False if it is none that matters here."""
        match action:
            case exp.AddConstraint():
                for part in action.expressions:
                    self.part(draft, part)
            case exp.ColumnDef():
                self._add_column(draft, action)
            case exp.ModifyColumn() if isinstance(action.this, exp.ColumnDef):
                self._add_column(draft, action.this)
            case _:
                return False
        return True
