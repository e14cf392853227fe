"""The tables that DDL makes, statement by statement, as sqlglot reads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from common.document.resolved import DbType
from workers.importing.ddl_changes import ChangeReader
from workers.importing.ddl_parts import Name, PartReader, TableDraft
from workers.importing.expressions import DIALECTS
from workers.importing.live import MIGRATIONS, SourceUnreadableError
from workers.importing.source import (
    Note,
    Source,
)
from workers.importing.statements import PARTITIONED, Statement
from workers.importing.type_text import parse_type

_SILENT: Final = re.compile(
    r"(?:SET|SELECT|INSERT|REPLACE|UPDATE|DELETE|LOCK|UNLOCK|USE|DROP(?! TABLE| INDEX)|GRANT|"
    r"REVOKE|"
    r"BEGIN|COMMIT|START|ANALYZE|VACUUM|COPY|REFRESH|PRINT|EXEC(?! \S*SP_RENAME)|IF|DECLARE|RESET|"
    r"CREATE (?:EXTENSION|SCHEMA|DATABASE|SEQUENCE|ROLE|USER|LANGUAGE)|"
    r"ALTER (?:SEQUENCE|SCHEMA|DATABASE|FUNCTION|VIEW|DEFAULT|EXTENSION|"
    r"(?:TYPE|DOMAIN) \S+ OWNER TO)|"
    r"COMMENT ON (?!TABLE|COLUMN))\b"
)
_NOTED: Final = re.compile(
    r"CREATE (?:OR REPLACE )?(?:DEFINER\s*=\s*\S+ )?(?:CONSTRAINT |MATERIALIZED |RECURSIVE |"
    r"ALGORITHM\s*=\s*\S+ |SQL SECURITY \S+ )*"
    r"(VIEW|TRIGGER|FUNCTION|PROCEDURE|RULE|POLICY|AGGREGATE|EVENT|STATISTICS|OPERATOR) "
    r"(?:IF NOT EXISTS )?([^\s(]+)",
    re.IGNORECASE,
)
_DOMAIN: Final = re.compile(
    r"CREATE\s+DOMAIN\s+(?P<name>\S+)\s+(?:AS\s+)?(?P<type>.+?)"
    r"(?=\s+(?:CONSTRAINT|CHECK|NOT|NULL|DEFAULT|COLLATE)\b|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_IDENTITY: Final = re.compile(
    r"ALTER\s+TABLE\s+(?:ONLY\s+)?(?P<table>\S+)\s+ALTER\s+(?:COLUMN\s+)?(?P<column>\S+)\s+"
    r"ADD\s+GENERATED\s+(?P<how>ALWAYS|BY\s+DEFAULT)\s+AS\s+IDENTITY",
    re.IGNORECASE,
)
_ATTACH: Final = re.compile(
    r"ALTER\s+TABLE\s+(?:ONLY\s+)?(?P<parent>\S+)\s+ATTACH\s+PARTITION\s+(?P<part>\S+)",
    re.IGNORECASE,
)
_RENAME: Final = re.compile(r"RENAME\s+TABLE\s+(?P<pairs>.+)", re.IGNORECASE | re.DOTALL)
_MADE: Final = re.compile(r"ALTER\s+(?:TYPE|DOMAIN)\s+(?P<name>\S+)", re.IGNORECASE)
_DROP_INDEX: Final = re.compile(
    r"DROP\s+INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+EXISTS\s+)?(?P<names>.+?)"
    r"(?:\s+ON\s+(?P<table>[^\s(]+).*)?(?:\s+(?:CASCADE|RESTRICT))?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_ALTER_INDEX: Final = re.compile(
    r"ALTER\s+INDEX\s+(?:IF\s+EXISTS\s+)?(?P<old>\S+)\s+RENAME\s+TO\s+(?P<new>\S+)", re.IGNORECASE
)
_INDEX_KEPT: Final = re.compile(r"(?:ALTER|DROP)\s+INDEX\b", re.IGNORECASE)
_SP_RENAME: Final = re.compile(
    r"EXEC(?:UTE)?\s+(?:sys\.)?sp_rename\s+(?:@objname\s*=\s*)?N?'(?P<old>[^']+)'\s*,"
    r"\s*(?:@newname\s*=\s*)?N?'(?P<new>[^']+)'"
    r"(?:\s*,\s*(?:@objtype\s*=\s*)?N?'(?P<kind>\w+)')?\s*\Z",
    re.IGNORECASE,
)
_HARMLESS: Final = re.compile(
    r"\b(?:OWNER TO|REPLICA IDENTITY|CLUSTER ON|SET STATISTICS|SET STORAGE|DISABLE KEYS|"
    r"ENABLE KEYS|SET TABLESPACE|RENAME CONSTRAINT|AUTO_INCREMENT\s*=|"
    r"CHECK CONSTRAINT|ATTACH PARTITION)\b",
    re.IGNORECASE,
)
_SHAPES: Final = re.compile(
    r"(`[^`]+`)\s+(?:(?:multi)?(?:point|linestring|polygon)|geometrycollection)\b", re.IGNORECASE
)
_NOT_KEPT: Final = (
    (
        re.compile(r"ALTER\s+TABLE\b.*\bEXCLUDE\s+USING\b", re.IGNORECASE | re.DOTALL),
        "an exclusion constraint is left out",
    ),
    (
        re.compile(r".*\bROW LEVEL SECURITY\s*\Z", re.IGNORECASE | re.DOTALL),
        "row level security is not taken over",
    ),
)


class DdlTables:
    """Tables as they stand after the statements that were taken so far."""

    def __init__(self, db_type: DbType) -> None:
        self.notes: list[Note] = []
        self._db_type = db_type
        self._left_out: set[Name] = set()
        self._parts = PartReader(db_type, self._note)
        self._tables = self._parts.tables
        self._columns = self._parts.columns
        self._changes = ChangeReader(db_type, self._parts)

    def take(self, statement: Statement) -> None:
        """Take one statement; SourceUnreadableError for a table that can't be read."""
        words = statement.words
        if _SILENT.match(words):
            return
        noted = _NOTED.match(" ".join(statement.text[:500].split()))
        if noted is not None:
            name = _last(noted[2])
            self._note(name, f"the {noted[1].lower()} is not taken over")
            return
        if self._take_command(statement):
            return
        if not words.startswith(("CREATE", "ALTER TABLE", "DROP TABLE", "COMMENT ON")):
            self._note("", f"line {statement.line}: {_shown(statement)} is not understood")
            return
        self._take_parsed(statement)

    def _take_parsed(self, statement: Statement) -> None:
        match parsed := self._parse(statement):
            case exp.Create():
                self._create(parsed, statement)
            case exp.Alter():
                self._alter(parsed, statement)
            case exp.Drop():
                cascade = bool(parsed.args.get("cascade"))
                for table in parsed.args["tables"]:
                    self._changes.drop_table(self._parts.name(table), cascade=cascade)
            case exp.Comment():
                self._comment(parsed)
            case exp.Command() if _HARMLESS.search(statement.text):
                pass
            case _ if statement.words.startswith(("ALTER TABLE", "DROP TABLE")):
                self._not_applied("", statement)
            case _:
                self._note("", f"line {statement.line}: {_shown(statement)} is not understood")

    def source(self, name: str, schemas: Sequence[str]) -> Source:
        """All tables, of `schemas` alone if there are any."""
        drafts = {key: draft for key, draft in self._tables.items() if key not in self._left_out}
        found = list(dict.fromkeys(draft.schema for draft in drafts.values()))
        wanted: list[str | None] = list(schemas) or (
            ["public"] if "public" in found else list(found)
        )
        for schema in found:
            if schema not in wanted:
                self._note("", f"the schema {schema} is left out; --schema {schema} takes it")
        tables = tuple(
            draft.finished()
            for draft in drafts.values()
            if draft.schema in wanted and draft.name != MIGRATIONS
        )
        migrated = any(draft.name == MIGRATIONS for draft in drafts.values())
        return Source(self._db_type, name, tables, tuple(self.notes), migrated)

    def _note(self, place: str, text: str) -> None:
        self.notes.append(Note(place, text))

    def _written_name(self, written: str) -> Name:
        parts = [
            part[1:-1] if part[0] in '"`[' else part.lower()
            for part in re.findall(r'"[^"]+"|`[^`]+`|\[[^\]]+\]|[^."`\[\]]+', written)
        ]
        if self._db_type == "postgresql":
            return (parts[-2] if len(parts) > 1 else "public"), parts[-1]
        return None, parts[-1]

    def _parse(self, statement: Statement) -> exp.Expression | None:
        words = statement.words
        text = statement.text
        if self._db_type == "mysql":
            text = _SHAPES.sub(r"\1 geometry", text)  # the one shape that sqlglot knows
        try:
            found = sqlglot.parse_one(text, dialect=DIALECTS[self._db_type])
        except SqlglotError as error:
            if not words.startswith("CREATE") or "TABLE" not in words.split("(")[0]:
                return None
            raise SourceUnreadableError(
                f"Can't read the statement on line {statement.line}: {_reason(error, statement)}"
            ) from None
        return found if isinstance(found, exp.Expression) else None

    def _take_command(self, statement: Statement) -> bool:
        """What sqlglot has no words for."""
        if self._take_change(statement):
            return True
        text = statement.text
        if (domain := _DOMAIN.match(text)) is not None:
            name = _last(domain["name"])
            self._columns.domains[name.lower()] = parse_type(domain["type"])
            return True
        if (identity := _IDENTITY.match(text)) is not None:
            draft = self._altered(self._written_name(identity["table"]), statement)
            column = self._written_name(identity["column"])[1]
            if draft is not None and column in draft.columns:
                draft.columns[column] = replace(draft.columns[column], counts=True)
                if identity["how"].upper() == "ALWAYS":
                    self._note(
                        f"{draft.name}.{column}",
                        "GENERATED ALWAYS became a number that may be given, too",
                    )
            return True
        if (attach := _ATTACH.match(text)) is not None:
            part = self._written_name(attach["part"])
            self._leave_out(part, self._written_name(attach["parent"])[1])
            return True
        for shape, said in _NOT_KEPT:
            if shape.match(text):
                name = re.split(r"\s+", re.sub(r"\bONLY\s+", "", text, flags=re.IGNORECASE))[2]
                self._note(self._written_name(name)[1], said)
                return True
        return False

    def _take_change(self, statement: Statement) -> bool:
        """What changes something by its name alone."""
        text = statement.text
        if _INDEX_KEPT.match(text):
            self._take_index(text)
            return True
        if (rename := _RENAME.match(text)) is not None:
            for pair in rename["pairs"].split(","):
                named = re.sub(r"\s+TO\s+", " RENAME TO ", pair.strip(), flags=re.IGNORECASE)
                self.take(Statement(f"ALTER TABLE {named}", statement.line))
            return True
        if (renamed := _SP_RENAME.match(text)) is not None:
            if not self._sp_rename(renamed):
                self._not_applied("", statement)
            return True
        if (made := _MADE.match(text)) is not None:
            self._not_applied(self._written_name(made["name"])[1], statement)
            return True
        return False

    def _take_index(self, text: str) -> None:
        """What changes an index by its name; those that are not there were noted before."""
        if (dropped := _DROP_INDEX.match(text)) is not None:
            table = self._written_name(dropped["table"]) if dropped["table"] else None
            for name in dropped["names"].split(","):
                self._changes.drop_index(self._written_name(name.strip())[1], table)
        elif (renamed := _ALTER_INDEX.match(text)) is not None:
            old, new = (self._written_name(renamed[name])[1] for name in ("old", "new"))
            self._changes.rename_index(old, new)

    def _sp_rename(self, renamed: re.Match[str]) -> bool:
        """SQL Server's way to give a table or a column another name."""
        parts = [part.strip("[]") for part in renamed["old"].split(".")]
        kind = (renamed["kind"] or "OBJECT").upper()
        table = parts[-2] if kind == "COLUMN" and len(parts) > 1 else parts[-1]
        draft = self._tables.get((None, table))
        if draft is None:
            return False
        if kind == "COLUMN":
            return self._changes.rename_column(draft, parts[-1], renamed["new"])
        self._changes.rename(draft, renamed["new"])
        return True

    def _leave_out(self, part: Name, parent: str) -> None:
        self._left_out.add(part)
        self._note(part[1], f"a partition of {parent} is not a table of its own")

    def _create(self, create: exp.Create, statement: Statement) -> None:
        match create.kind:
            case "TABLE":
                self._create_table(create, statement)
            case "INDEX":
                self._parts.create_index(create.this, unique=bool(create.args.get("unique")))
            case "TYPE":
                kind = create.expression
                name = self._columns.identifier(create.this.this)
                if isinstance(kind, exp.DataType) and kind.this == exp.DataType.Type.ENUM:
                    values = tuple(str(value.this) for value in kind.expressions)
                    self._columns.enums[name.lower()] = values
                else:
                    self._note(name, "a type of several parts is not taken over")
            case _:
                self._note("", f"line {statement.line}: {_shown(statement)} is not taken over")

    def _create_table(self, create: exp.Create, statement: Statement) -> None:
        schema = create.this
        table = schema.this if isinstance(schema, exp.Schema) else schema
        key = self._parts.name(table)
        draft = TableDraft(*key, made_as=key[1])
        self._left_out.discard(key)
        properties = create.args.get("properties")
        for said in properties.expressions if properties else ():
            if not self._property(draft, key, said):
                return
        if isinstance(create.expression, exp.Query):
            self._note(draft.name, "a table made from a query is left out")
            self._left_out.add(key)
            return
        if PARTITIONED in statement.text:
            self._note(draft.name, "its partitions are not kept")
        self._tables[key] = draft
        for part in schema.expressions if isinstance(schema, exp.Schema) else ():
            self._parts.part(draft, part)

    def _property(self, draft: TableDraft, key: Name, said: exp.Expression) -> bool:
        """Take a property of a table; False if the table is none of its own."""
        if isinstance(said, exp.PartitionedOfProperty):
            parent = said.this.this if isinstance(said.this, exp.Schema) else said.this
            self._leave_out(key, self._parts.name(parent)[1])
            return False
        if isinstance(said, exp.TemporaryProperty):
            self._note(draft.name, "a temporary table is left out")
            self._left_out.add(key)
            return False
        if isinstance(said, exp.SchemaCommentProperty):
            draft.comment = said.this.name or None
        elif isinstance(said, exp.InheritsProperty):
            for parent in said.expressions:
                self._parts.copy(draft, parent, "it inherits from {}: now a table of its own")
        elif isinstance(said, exp.LikeProperty):
            self._parts.copy(draft, said.this, "made like {}, without its keys and indexes")
        elif isinstance(said, exp.PartitionedByProperty):
            self._note(draft.name, "its partitions are not kept")
        elif isinstance(said, exp.UnloggedProperty):
            self._note(draft.name, "UNLOGGED is not kept")
        return True

    def _comment(self, comment: exp.Comment) -> None:
        text = comment.expression.name or None
        if comment.args["kind"] == "TABLE" and isinstance(comment.this, exp.Table):
            draft = self._tables.get(self._parts.name(comment.this))
            if draft is not None:
                draft.comment = text
        elif comment.args["kind"] == "COLUMN" and isinstance(comment.this, exp.Column):
            parts = [self._columns.identifier(part) for part in comment.this.parts]
            schema = parts[-3] if len(parts) > 2 else "public"  # noqa: PLR2004 - schema.table.column
            draft = self._tables.get((schema, parts[-2]))
            if draft is not None and parts[-1] in draft.columns:
                draft.columns[parts[-1]] = replace(draft.columns[parts[-1]], comment=text)

    def _alter(self, alter: exp.Alter, statement: Statement) -> None:
        draft = self._altered(self._parts.name(alter.this), statement)
        if draft is None:
            return
        for action in alter.args.get("actions") or []:
            options = alter.args.get("options") or ()
            if not self._changes.apply(draft, action, options):
                self._not_applied(draft.name, statement)

    def _not_applied(self, place: str, statement: Statement) -> None:
        if not _HARMLESS.search(statement.text):
            said = f"line {statement.line}: {_shown(statement)} is not applied"
            self._note(place, f"to be mended: {said}")

    def _altered(self, key: Name, statement: Statement) -> TableDraft | None:
        """The table that a statement changes, with a note where there is none.

        Dumps begin with taking away what may be there; that needs no note.
        """
        draft = self._tables.get(key)
        taking_away = " DROP " in statement.words and " ADD " not in statement.words
        harmless = _HARMLESS.search(statement.text) or taking_away
        if draft is None and key not in self._left_out and not harmless:
            said = f"line {statement.line}: {_shown(statement)} changes a table that is not there"
            self._note(key[1], said)
        return draft


def _last(written: str) -> str:
    """The name itself of one that may be qualified and quoted."""
    return re.sub(r'["`\[\]]', "", written).rpartition(".")[2]


def _shown(statement: Statement) -> str:
    words = " ".join(statement.text.split())
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"


_SHOWN: Final = 60


def _reason(error: SqlglotError, statement: Statement) -> str:
    told: Callable[[str], object] = (getattr(error, "errors", None) or [{}])[0].get
    said, line, near = told("description"), told("line"), told("highlight")
    where = f" near {near!r} (line {statement.line + int(str(line)) - 1})" if near else ""
    return f"{said or _shown(statement)}{where}"
