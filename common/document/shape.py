"""Faults of shape: Pydantic's findings in the words and codes of this project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from common.document.findings import MAX_FAULTS, Findings
from common.document.models import (
    Column,
    CompositeKey,
    DocumentOptions,
    Example,
    Operation,
    ProjectDocument,
    Relationship,
    RunOptions,
    Table,
    TableOptions,
)
from common.document.pointers import kind_of, pointer_to, shorten

Path = tuple[str | int, ...]

Models = Mapping[tuple[str, ...], type[BaseModel]]

MODELS: Models = {
    (): ProjectDocument,
    ("options",): DocumentOptions,
    ("run",): RunOptions,
    ("schema", "*"): Table,
    ("schema", "*", "options"): TableOptions,
    ("schema", "*", "columns", "*"): Column,
    ("schema", "*", "relationships", "*"): Relationship,
    ("schema", "*", "foreign_keys", "*"): CompositeKey,
    ("operations", "*"): Operation,
    ("operations", "*", "examples", "*"): Example,
}
"""The model of each object of a document, by its path; `*` stands for any index."""

_WANTED = {
    "string_type": "a string",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "an array",
    "list_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}
_TOO_MANY = 10 * MAX_FAULTS


@dataclass(frozen=True, slots=True)
class ShapeFault:
    """One finding of Pydantic; `missing` is the name of a member that is not at `path`."""

    path: Path
    code: str
    message: str
    missing: str | None = None
    like: tuple[str, list[str]] | None = None
    """A name that is unknown, and those that would be known."""


def shape_faults(raw: object, error: ValidationError, models: Models = MODELS) -> list[ShapeFault]:
    """What `error` found in `raw`, each place once; `models` are those of its objects."""
    found: dict[tuple[Path, str | None], ShapeFault] = {}
    for one in _errors(raw, error):
        fault = _translated(raw, one, models)
        found.setdefault((fault.path, fault.missing), fault)
    return list(found.values())


def note_shape_faults(faults: list[ShapeFault], findings: Findings) -> None:
    """Note each fault with its pointer."""
    for fault in faults:
        # The code alone would make two missing members of one object the same finding.
        findings.fault(
            pointer_to(fault.path),
            fault.code,
            fault.message,
            detail=fault.missing or "",
            like=fault.like,
        )


def _errors(raw: object, error: ValidationError) -> Iterator[Mapping[str, Any]]:
    if error.error_count() <= _TOO_MANY or not isinstance(raw, dict):
        yield from error.errors(include_url=False, include_input=False)
        return
    # A list of a million findings would take gigabytes: look at one table after the other.
    tables = raw.get("schema")
    count = 0
    for index, table in enumerate(tables if isinstance(tables, list) else ()):
        try:
            Table.model_validate(table)
        except ValidationError as inner:
            for one in inner.errors(include_url=False, include_input=False)[:_TOO_MANY]:
                yield {**one, "loc": ("schema", index, *one["loc"])}
            count += inner.error_count()
        if count > _TOO_MANY:
            return
    try:
        ProjectDocument.model_validate({**raw, "schema": []})
    except ValidationError as inner:
        yield from inner.errors(include_url=False, include_input=False)[:_TOO_MANY]


def shape_of(path: Path) -> tuple[str, ...]:
    """The path with `*` for its indices."""
    return tuple("*" if isinstance(part, int) else part for part in path)


def _descend(raw: object, path: Path) -> tuple[Path, object]:
    """As far along `path` as there is something, and what is there."""
    value: Any = raw
    for depth, part in enumerate(path):
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return path[:depth], value
    return path, value


def _translated(raw: object, one: Mapping[str, Any], models: Models) -> ShapeFault:
    kind, location = str(one["type"]), tuple(one["loc"])
    path, value = _descend(raw, location)
    if kind == "missing":
        name = str(location[-1])
        return ShapeFault(path, "missing_member", f"`{name}` is missing.", name)
    if kind == "extra_forbidden":
        name = str(location[-1])
        known = _members(path[:-1], models)
        return ShapeFault(
            path, "unknown_member", f"There is no member {shorten(name)!r}.", like=(name, known)
        )
    if path != location and location[0] == "run":  # one of the two types of `require_engine`
        return ShapeFault(
            path, "unknown_value", "Must be true, false or one of the names that `db_type` takes."
        )
    return _value_fault(path, value, one)


def _value_fault(path: Path, value: object, one: Mapping[str, Any]) -> ShapeFault:
    kind, context = str(one["type"]), one.get("ctx", {})
    if kind == "literal_error":
        return _unknown_word(path, value, str(context.get("expected", "")))
    if kind == "float_type" and isinstance(value, int) and not isinstance(value, bool):
        return ShapeFault(path, "out_of_range", "Must be a smaller number.")
    if kind in _WANTED:
        return ShapeFault(path, "wrong_type", f"Must be {_WANTED[kind]}, not {_shown(value)}.")
    code, message = {
        "greater_than_equal": ("out_of_range", f"Must be at least {context.get('ge')}."),
        "less_than_equal": ("out_of_range", f"Must be at most {context.get('le')}."),
        "too_short": ("too_few_items", "Must have at least one item."),
    }.get(kind, (str(context.get("code", "invalid_value")), str(one["msg"])))
    return ShapeFault(path, code, message)


def _unknown_word(path: Path, value: object, expected: str) -> ShapeFault:
    if not isinstance(value, str):
        return ShapeFault(path, "wrong_type", f"Must be a string, not {_shown(value)}.")
    known = [word for word in expected.split("'")[1::2] if word]
    return ShapeFault(
        path,
        "unknown_value",
        f"{shorten(value)!r} is none of {', '.join(known)}.",
        like=(value, known),
    )


def _shown(value: object) -> str:
    return f"the string {shorten(value, 40)!r}" if isinstance(value, str) else kind_of(value)


def _members(path: Path, models: Models) -> list[str]:
    model = models.get(shape_of(path))
    if model is None:
        return []
    return [field.alias or name for name, field in model.model_fields.items()]
