"""Faults of the schema: the same in the model and in the migration, as a generator would err."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.faults.edits import calls, constants, keyword, matching, replaced, without, written
from tests.faults.fault import Edit, Files

MODELS = "app/models/*.py"


class Column(NamedTuple):
    """A column whose attribute is called like it, in a model and in the migration."""

    table: str
    name: str
    path: str
    attribute: ast.AnnAssign
    call: ast.Call
    """`mapped_column(...)`"""
    migrated: ast.Call
    """`sa.Column(...)`"""


def migration(files: Files) -> str:
    """The path of the first migration."""
    return matching(files, "alembic/versions/*.py")[0]


def model_of(files: Files, table: str) -> str | None:
    """The path of the model, or of the table between two, that is called so."""
    mark = re.compile(rf'__tablename__ = "{re.escape(table)}"|Table\(\s*"{re.escape(table)}"')
    return next((path for path in matching(files, MODELS) if mark.search(files[path])), None)


def tables(files: Files) -> Iterator[tuple[str, ast.Call]]:
    """Each table with the call that creates it."""
    for call in calls(files[migration(files)], "create_table"):
        yield str(constants(call)[0]), call


def parts(table: ast.Call, kind: str) -> list[ast.Call]:
    """The columns or constraints of a table in the migration."""
    named = [part for part in table.args if isinstance(part, ast.Call)]
    return [part for part in named if ast.unparse(part.func) == f"sa.{kind}"]


def columns(files: Files) -> Iterator[Column]:
    """All columns of all models that are called alike everywhere."""
    for table, created in tables(files):
        path = model_of(files, table)
        if path is None:
            continue
        migrated = {str(constants(part)[0]): part for part in parts(created, "Column")}
        for node in ast.walk(ast.parse(files[path])):
            if (
                isinstance(node, ast.AnnAssign)
                and isinstance(node.target, ast.Name)
                and isinstance(node.value, ast.Call)
                and ast.unparse(node.value.func).endswith("mapped_column")
                and node.target.id in migrated
                and not constants(node.value)
            ):
                name = node.target.id
                yield Column(table, name, path, node, node.value, migrated[name])


def drop_unique(files: Files) -> Edit | None:
    """Leave out a unique constraint."""
    path = migration(files)
    for table, created in tables(files):
        model = model_of(files, table)
        for constraint in parts(created, "UniqueConstraint"):
            names = constants(constraint)
            text = files[model] if model else ""
            gone: list[ast.AST] = [
                call for call in calls(text, "UniqueConstraint") if constants(call) == names
            ]
            gone += [
                given
                for column in columns(files)
                if (column.table, [column.name]) == (table, names)
                and (given := keyword(column.call, "unique"))
            ]
            if model and gone:
                return Edit(
                    {model: without(text, *gone), path: without(files[path], constraint)},
                    f"{table}({', '.join(map(str, names))})",
                )
    return None


def drop_check(files: Files) -> Edit | None:
    """Leave out a condition of a table."""
    path = migration(files)
    for table, created in tables(files):
        model = model_of(files, table)
        for constraint in parts(created, "CheckConstraint"):
            name = re.sub(r'.*"(.*)".*', r"\1", ast.unparse(keyword(constraint, "name").value))
            name = name.strip("'").removeprefix("op.f('").removesuffix("')").strip("'")
            text = files[model] if model else ""
            gone = [
                call
                for call in calls(text, "CheckConstraint")
                if (given := keyword(call, "name")) and ast.unparse(given.value).strip("'") == name
            ]
            if model and gone:
                return Edit(
                    {model: without(text, *gone), path: without(files[path], constraint)}, name
                )
    return None


def turn_on_delete(action: str, instead: str) -> Callable[[Files], Edit | None]:
    """A seed that gives a foreign key another action, where what it refers to can be deleted."""

    def seed(files: Files) -> Edit | None:
        path = migration(files)
        for table, created in tables(files):
            model = model_of(files, table)
            for key in parts(created, "ForeignKeyConstraint"):
                local = [part.value for part in key.args[0].elts]
                targets = {part.value for part in key.args[1].elts}
                given = keyword(key, "ondelete")
                if given is None or given.value.value != action or model is None:
                    continue
                if any(_only_hidden(files, target) for target in targets):
                    continue
                text = files[model]
                theirs = [
                    said
                    for call in [*calls(text, "ForeignKey"), *calls(text, "ForeignKeyConstraint")]
                    if targets <= set(constants(call))
                    and (said := keyword(call, "ondelete"))
                    and said.value.value == action
                ]
                if theirs:
                    words = f'"{instead}"'
                    changed = replaced(text, *((said.value, words) for said in theirs))
                    return Edit(
                        {model: changed, path: replaced(files[path], (given.value, words))},
                        f"{table}({', '.join(local)}) {action} -> {instead}",
                    )
        return None

    return seed


def _only_hidden(files: Files, column: str) -> bool:
    """Whether rows of the table that a column belongs to stay in it when they are deleted."""
    model = model_of(files, column.rpartition(".")[0])
    return model is not None and "SoftDeleteMixin" in files[model]


def lose_default(files: Files) -> Edit | None:
    """Leave out what a column is where nothing is said."""
    path = migration(files)
    for column in columns(files):
        given = [keyword(column.call, name) for name in ("default", "server_default")]
        migrated = keyword(column.migrated, "server_default")
        if given[0] is None or keyword(column.call, "primary_key") is not None:
            continue
        gone = [one for one in given if one is not None]
        changed = {column.path: without(files[column.path], *gone)}
        if migrated is not None:
            changed[path] = without(files[path], migrated)
        return Edit(changed, f"{column.table}.{column.name}")
    return None


def allow_null(files: Files) -> Edit | None:
    """Let a column be empty that must not be, for the database and for the API."""
    path = migration(files)
    for column in columns(files):
        annotation = ast.unparse(column.attribute.annotation)
        schema = f"app/schemas/{column.path.rpartition('/')[2]}"
        given = keyword(column.migrated, "nullable")
        if (
            "None" in annotation
            or schema not in files
            or given is None
            or any(keyword(column.call, name) for name in ("primary_key", "default"))
            or "ForeignKey" in ast.unparse(column.call)
        ):
            continue
        inner = column.attribute.annotation.slice
        opened = _open_fields(files[schema], column.name)
        if opened is None:
            continue
        return Edit(
            {
                path: replaced(files[path], (given.value, "True")),
                column.path: replaced(
                    files[column.path], (inner, f"{written(files[column.path], inner)} | None")
                ),
                schema: opened,
            },
            f"{column.table}.{column.name}",
        )
    return None


def _open_fields(text: str, name: str) -> str | None:
    """The schemas of a table with one field that may be null, and left out of a new row."""
    changes: list[tuple[ast.AST, str]] = []
    required = False
    for described in ast.parse(text).body:
        for field in getattr(described, "body", []):
            if (
                not isinstance(field, ast.AnnAssign)
                or ast.unparse(field.target) != name
                or "None" in ast.unparse(field.annotation)
            ):
                continue
            kind = f"{written(text, field.annotation)} | None"
            if described.name.endswith("Create"):
                required = True
                if field.value is None:
                    kind += " = None"
                elif keyword(field.value, "default") or not isinstance(field.value, ast.Call):
                    return None
                else:
                    first = [*field.value.args, *field.value.keywords][0]
                    changes.append((first, f"default=None, {written(text, first)}"))
            changes.append((field.annotation, kind))
    return replaced(text, *changes) if required else None


def lose_value(files: Files) -> Edit | None:
    """Leave out a value of an enum that is nobody's default."""
    path, enums = migration(files), "app/models/enums.py"
    rest = "\n".join(text for name, text in files.items() if name.startswith("app/"))
    for described in ast.parse(files.get(enums, "")).body:
        if not isinstance(described, ast.ClassDef):
            continue
        members = [node for node in described.body if isinstance(node, ast.Assign)]
        values = [node.value.value for node in members]
        for member in reversed(members[1:]):
            name = ast.unparse(member.targets[0])
            if re.search(rf"\b{described.name}\.{name}\b", rest):
                continue
            gone = [
                part
                for call in calls(files[path], "Enum")
                if constants(call) == values
                for part in call.args
                if part.value == member.value.value
            ]
            if gone:
                return Edit(
                    {
                        enums: replaced(files[enums], (member, "")),
                        path: without(files[path], *gone),
                    },
                    f"{described.name}.{name}",
                )
    return None


def forget_length(files: Files) -> Edit | None:
    """Bound a text by nothing but what all texts are bound by."""
    for column in columns(files):
        length = re.search(r"sa\.String\((\d+)\)", ast.unparse(column.call))
        schema = f"app/schemas/{column.path.rpartition('/')[2]}"
        if length is None or schema not in files:
            continue
        text = files[schema]
        changes = [
            (given.value, "1_000_000")
            for field in ast.walk(ast.parse(text))
            if isinstance(field, ast.AnnAssign)
            and ast.unparse(field.target) == column.name
            and isinstance(field.value, ast.Call)
            and (given := keyword(field.value, "max_length"))
            and ast.unparse(given.value).replace("_", "") == length[1]
        ]
        if changes:
            return Edit({schema: replaced(text, *changes)}, f"{column.table}.{column.name}")
    return None


def drift_length(files: Files) -> Edit | None:
    """Migrate to another length than the model's."""
    path = migration(files)
    for column in columns(files):
        for part in column.migrated.args:
            if re.fullmatch(r"sa\.String\(\d+\)", ast.unparse(part)):
                return Edit(
                    {path: replaced(files[path], (part, "sa.String(7)"))},
                    f"{column.table}.{column.name}",
                )
    return None


def lose_reference(ending: str) -> Callable[[Files], Edit | None]:
    """Leave a nullable foreign key out of the schemas that are called so, with its filters."""

    def seed(files: Files) -> Edit | None:
        for column in columns(files):
            schema = f"app/schemas/{column.path.rpartition('/')[2]}"
            nullable = keyword(column.migrated, "nullable")
            if (
                schema not in files
                or "ForeignKey" not in ast.unparse(column.call)
                or nullable is None
                or ast.unparse(nullable.value) != "True"
            ):
                continue
            text = files[schema]
            gone: list[tuple[ast.AST, str]] = [
                (field, "")
                for described in ast.parse(text).body
                if isinstance(described, ast.ClassDef) and described.name.endswith(ending)
                for field in described.body
                if isinstance(field, ast.AnnAssign)
                and ast.unparse(field.target) in {column.name, f"{column.name}__isnull"}
            ]
            if gone:
                return Edit({schema: replaced(text, *gone)}, f"{column.table}.{column.name}")
        return None

    return seed
