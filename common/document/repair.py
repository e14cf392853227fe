"""A stand-in for a document with faults of shape, so that its other faults are found as well.

Unknown members are left out, faulty members get their defaults, and what has none gets a
placeholder with a name that no document can hold (it begins with a null byte). The pointers that
are returned tell the checks what they must not draw conclusions from:

- of a column, relationship or foreign key: it is not what was sent;
- of a table: its names are not what was sent;
- `/schema/0/columns`: columns of the table may be missing, or more unique than they seem;
- `/schema`: tables may be missing.
"""

from __future__ import annotations

from typing import Any

from common.document.pointers import pointer_to
from common.document.shape import MODELS, Path, ShapeFault, shape_of

_TABLE = ("schema", "*")
_OPTIONS = ("schema", "*", "options")
_COLUMN = ("schema", "*", "columns", "*")
_RELATIONSHIP = ("schema", "*", "relationships", "*")
_KEY = ("schema", "*", "foreign_keys", "*")

_REMOVED = object()


def repaired(raw: object, faults: list[ShapeFault]) -> tuple[object, frozenset[str]] | None:
    """A readable copy of `raw` and the pointers of what is doubtful in it.

    None where not even the tables can be told from the rest.
    """
    if not isinstance(raw, dict) or not isinstance(raw.get("schema"), list):
        return None
    copy = _copied(raw)
    doubtful: set[str] = set()
    # Deepest places first: a placeholder for a whole object must not be repaired again.
    for fault in sorted(faults, key=lambda fault: -len(fault.path)):
        _mend(copy, fault, doubtful)
    return copy, frozenset(doubtful)


def _copied(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {name: _copied(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value


def _mend(document: Any, fault: ShapeFault, doubtful: set[str]) -> None:  # noqa: ANN401 - JSON
    if fault.code == "unknown_member":
        _put(document, fault.path, _REMOVED)
        return
    path = fault.path if fault.missing is None else (*fault.path, fault.missing)
    depth = max(length for length in range(len(path) + 1) if shape_of(path[:length]) in MODELS)
    place, member = path[:depth], path[depth] if depth < len(path) else None
    shape = shape_of(place)
    if shape == _COLUMN:
        _mend_column(document, place, member, doubtful)
    elif shape in (_RELATIONSHIP, _KEY):
        _put(document, place, _PLACEHOLDERS[shape])
        doubtful.add(pointer_to(place))
    elif shape == _OPTIONS:
        _put(document, place if member is None else path, _REMOVED)
        doubtful.add(pointer_to((*place[:2], "columns")))
    elif shape == _TABLE:
        _mend_table(document, place, member, doubtful)
    else:
        _mend_top(document, path, doubtful)


def _mend_column(document: Any, place: Path, member: object, doubtful: set[str]) -> None:  # noqa: ANN401 - JSON
    doubtful.add(pointer_to(place))
    if member is None or member == "name":
        doubtful.add(pointer_to(place[:3]))
    if member is None:
        _put(document, place, {"name": f"\0{place[-1]}", "type": "Text"})
    elif member == "name":
        _put(document, (*place, "name"), f"\0{place[-1]}")
    elif member == "type":
        _put(document, (*place, "type"), "Text")
    else:
        _put(document, (*place, str(member)), _REMOVED)


def _mend_table(document: Any, place: Path, member: object, doubtful: set[str]) -> None:  # noqa: ANN401 - JSON
    nameless = {"table_name": f"\0{place[-1]}", "class_name": f"\0{place[-1]}"}
    if member == "description":
        _put(document, (*place, "description"), _REMOVED)
        return
    if member in nameless:
        doubtful.add(pointer_to(place))
        _put(document, (*place, str(member)), nameless[str(member)])
    else:
        doubtful.add(pointer_to((*place, "columns")))
        if member is None:
            doubtful.add(pointer_to(place))
            _put(document, place, {**nameless, "columns": []})
        else:
            _put(document, (*place, str(member)), [] if member == "columns" else _REMOVED)
    if member is None or member == "table_name":
        doubtful.add("/schema")


def _mend_top(document: Any, path: Path, doubtful: set[str]) -> None:  # noqa: ANN401 - JSON
    first = str(path[0])
    if first == "project_name":
        doubtful.add("/project_name")
        document[first] = "unnamed"
    elif first == "db_type":
        document[first] = "postgresql"  # the one that asks for nothing of its own
    elif first == "options":
        # Nobody is to hear of missing keys because the wish for them was misspelt.
        document[first] = {"add_missing_primary_keys": True}
    else:
        document.pop(first, None)


_PLACEHOLDERS: dict[tuple[str, ...], dict[str, object]] = {
    _RELATIONSHIP: {"target_table": "\0", "target_class": "\0", "type": "many_to_one"},
    _KEY: {"columns": ["\0"], "target_table": "\0", "target_columns": ["\0"]},
}


def _put(document: Any, path: Path, value: object) -> None:  # noqa: ANN401 - JSON
    for part in path[:-1]:
        document = document[part]
    if value is _REMOVED:
        document.pop(path[-1], None)
    else:
        document[path[-1]] = value
