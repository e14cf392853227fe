"""Columns of DDL: their types, their conditions and what they refer to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from common.document.resolved import DbType
from workers.importing.expressions import DIALECTS
from workers.importing.source import SourceCheck, SourceColumn, SourceKey, SqlType

_ACTION: Final = re.compile(r"ON (DELETE|UPDATE) (NO ACTION|RESTRICT|CASCADE|SET NULL|SET DEFAULT)")
_SERIAL: Final = frozenset({"SERIAL", "BIGSERIAL", "SMALLSERIAL"})
_QUIET: Final = frozenset({"CharacterSetColumnConstraint", "CommentColumnConstraint"})


@dataclass(slots=True)
class Made:
    """A column and what it says of its table."""

    column: SourceColumn
    primary_key: bool = False
    unique: bool = False
    reference: exp.Expression | None = None
    checks: list[SourceCheck] = field(default_factory=list)


class ColumnReader:
    """Reads columns; `enums` and `domains` are the types that the script made, by name."""

    def __init__(self, db_type: DbType, note: Callable[[str, str], None]) -> None:
        self.enums: dict[str, tuple[str, ...]] = {}
        self.domains: dict[str, SqlType] = {}
        self._db_type = db_type
        self._dialect = DIALECTS[db_type]
        self._note = note

    def identifier(self, found: object) -> str:
        """A name as the database keeps it: PostgreSQL folds what is not quoted."""
        if not isinstance(found, exp.Expression):
            return ""
        if not isinstance(found, exp.Identifier):
            inner = found.this
            return self.identifier(inner) if isinstance(inner, exp.Expression) else str(inner)
        folded = self._db_type == "postgresql" and not found.args.get("quoted")
        return found.name.lower() if folded else found.name

    def name_of(self, part: exp.Expression) -> str:
        """The column that a key or an index lists."""
        return self.identifier(part)

    def indexed(self, part: exp.Expression) -> str | None:
        """The column that an index lists; None for an expression or the beginning of a column."""
        while isinstance(part, exp.Ordered):
            part = part.this
        if isinstance(part, exp.Column | exp.Identifier):
            return self.identifier(part)
        return None

    def read(self, table: str, part: exp.ColumnDef) -> Made:
        """One column with its conditions."""
        name = self.identifier(part.this)
        place = f"{table}.{name}"
        kind = self.type_of(part.args.get("kind"), place)
        made = Made(SourceColumn(name, kind))
        values: dict[str, object] = {"counts": kind.name in _SERIAL}
        if values["counts"]:
            values["nullable"] = False
        for constraint in part.args.get("constraints") or []:
            self._constraint(made, values, constraint.kind, place)
        made.column = SourceColumn(
            name=name,
            type=kind,
            nullable=bool(values.get("nullable", True)),
            default=_text(values.get("default")),
            counts=bool(values.get("counts")),
            comment=_text(values.get("comment")),
            renewed=bool(values.get("renewed")),
        )
        return made

    def key(
        self, columns: tuple[str, ...], reference: exp.Expression, place: str, name: str | None
    ) -> SourceKey:
        """A foreign key, without its target."""
        target = reference.this
        aims = (
            tuple(map(self.identifier, target.expressions))
            if isinstance(target, exp.Schema)
            else ()
        )
        options = [str(option).upper() for option in reference.args.get("options") or []]
        actions = {found[1]: found[2] for option in options if (found := _ACTION.match(option))}
        if actions.get("UPDATE", "NO ACTION") not in {"NO ACTION", "RESTRICT"}:
            self._note(place, "ON UPDATE of a foreign key is not kept")
        if any(option.startswith("DEFERRABLE") for option in options):
            self._note(place, "a deferrable foreign key became an ordinary one")
        if any(option.startswith("MATCH FULL") for option in options):
            self._note(place, "MATCH FULL of a foreign key is not kept")
        return SourceKey(columns, "", aims, actions.get("DELETE", "NO ACTION"), None, name)

    def _constraint(  # noqa: C901, PLR0912 - one case a kind of constraint
        self, made: Made, values: dict[str, object], kind: exp.Expression, place: str
    ) -> None:
        match kind:
            case exp.NotNullColumnConstraint():
                values["nullable"] = bool(kind.args.get("allow_null"))
            case exp.PrimaryKeyColumnConstraint():
                made.primary_key = True
            case exp.UniqueColumnConstraint():
                made.unique = True
            case exp.DefaultColumnConstraint():
                default = kind.this.sql(dialect=self._dialect)
                values["default"] = default
                values["counts"] = bool(values["counts"]) or default.upper().startswith("NEXTVAL(")
            case exp.AutoIncrementColumnConstraint():
                values["counts"] = True
            case exp.GeneratedAsIdentityColumnConstraint() if kind.args.get("expression") is None:
                values["counts"] = True
                values["nullable"] = False
                if kind.this is True:
                    self._note(place, "GENERATED ALWAYS became a number that may be given, too")
            case exp.CommentColumnConstraint():
                values["comment"] = kind.this.name
            case exp.Reference():
                made.reference = kind
            case exp.CheckColumnConstraint():
                made.checks.append(SourceCheck(None, kind.this.sql(dialect=self._dialect)))
            case exp.OnUpdateColumnConstraint():
                values["renewed"] = True
            case exp.ComputedColumnConstraint() | exp.GeneratedAsIdentityColumnConstraint():
                said = (kind.args.get("expression") or kind.this).sql(dialect=self._dialect)
                self._note(place, f"a generated column ({said}) became an ordinary one")
            case exp.ZeroFillColumnConstraint():
                self._note(place, "ZEROFILL is not kept")
            case exp.CollateColumnConstraint():
                self._note(place, f"its collation {kind.this.name} is not kept")
            case _ if type(kind).__name__ not in _QUIET:
                said = " ".join(kind.sql(dialect=self._dialect).split())
                self._note(place, f"{said} is left out")

    def type_of(self, kind: exp.Expression | None, place: str) -> SqlType:
        """What a column holds."""
        if kind is None:
            return SqlType("")
        written = kind.sql(dialect=self._dialect)
        if not isinstance(kind, exp.DataType):
            return SqlType(re.sub(r"[^A-Z0-9]", "", written.upper()), written=written)
        if isinstance(kind.this, exp.Interval):
            return SqlType("INTERVAL", written=written)
        name = kind.this.value if isinstance(kind.this, exp.DataType.Type) else str(kind.this)
        if kind.this is exp.DataType.Type.USERDEFINED:
            return self._made_type(kind, written, place)
        values = tuple(
            str(part.this)
            for part in kind.expressions
            if isinstance(part, exp.Literal) and part.is_string
        )
        sizes = tuple(
            int(part.name)
            for part in kind.expressions
            if isinstance(part, exp.DataTypeParam) and part.name.isdigit()
        )
        return SqlType(re.sub(r"[^A-Z0-9]", "", name.upper()), sizes, values, written=written)

    def _made_type(self, kind: exp.DataType, written: str, place: str) -> SqlType:
        said = kind.args.get("kind")
        name = said.sql() if isinstance(said, exp.Expression) else str(said or written)
        name = name.replace('"', "").rpartition(".")[2].lower()
        if name in self.enums:
            return SqlType("ENUM", values=self.enums[name], written=written)
        if name in self.domains:
            base = self.domains[name]
            self._note(place, f"the domain {name} became {base.written}; its rules are gone")
            return base
        return SqlType(re.sub(r"[^A-Z0-9]", "", name.upper()), written=written)


def _text(value: object) -> str | None:
    return str(value) if value else None
