"""What a document must not hold wherever it stands: null bytes, attacks, too much of anything.

The order is part of the contract: null bytes go first (so that none hides a pattern), then
suspicious patterns, then limits, then descriptions are cut. A quick look over all strings at once
finds most documents innocent; only then is each string looked at with its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from common.document.findings import Findings
from common.document.limits import DocumentLimits
from common.document.pointers import pointer_to, shorten
from common.document.suspicious import find_suspicious
from common.errors import Fault, RequestError

Path = tuple[str | int, ...]

MAX_PLACES = 100
"""Faults that a refusal lists at most."""

_ANY_INDEX = -1
_DESCRIPTIONS = {
    ("description",),
    ("schema", _ANY_INDEX, "description"),
    ("schema", _ANY_INDEX, "columns", _ANY_INDEX, "description"),
    ("schema", _ANY_INDEX, "relationships", _ANY_INDEX, "description"),
    ("operations", _ANY_INDEX, "description"),
}
_CODE = ("operations", _ANY_INDEX, "body")
_DEEPEST = max(map(len, _DESCRIPTIONS))
"""Below are only JSON values and rows, which may be deep, and hundreds of thousands."""
_TABLES = ("schema",)
_COLUMNS = ("schema", _ANY_INDEX, "columns")
_RELATIONSHIPS = ("schema", _ANY_INDEX, "relationships")


@dataclass(slots=True)
class _Overview:
    """All strings of a document, and the sizes of its largest parts."""

    strings: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    longest_array: int = 0
    most_members: int = 0


def sanitize(raw: object, limits: DocumentLimits, findings: Findings) -> object:
    """Return `raw` without null bytes and with long descriptions cut, each with a warning.

    `raw` is not changed. Raises RequestError (400): `suspicious_pattern`, `limit_exceeded`.
    """
    overview = _look_over(raw)
    text = "\n".join((*overview.strings, *overview.names))
    clean = raw
    if "\0" in text:
        clean = _without_nulls(raw, (), findings)
        overview = _look_over(clean)
        text = "\n".join((*overview.strings, *overview.names))
    if find_suspicious(text) is not None:
        _refuse_suspicious(clean, findings)
    if _may_exceed(clean, overview, limits):
        _refuse_excess(clean, limits, findings)
        clean = _with_cut_descriptions(clean, (), limits.max_string_length, findings)
    return clean


def _look_over(raw: object) -> _Overview:
    overview = _Overview()
    strings, names = overview.strings, overview.names
    longest_array = most_members = 0
    waiting: list[list[object] | dict[str, object]] = [[raw]]
    while waiting:
        value = waiting.pop()
        inner: Iterable[object] = value
        if isinstance(value, dict):
            names.update(value)
            most_members = max(most_members, len(value))
            inner = value.values()
        elif len(value) > longest_array:
            longest_array = len(value)
        for item in inner:
            if isinstance(item, str):
                strings.append(item)
            elif isinstance(item, dict | list):
                waiting.append(item)
    overview.longest_array, overview.most_members = longest_array, most_members
    return overview


def _may_exceed(raw: object, overview: _Overview, limits: DocumentLimits) -> bool:
    """Whether something may be over a limit, so that it is worth going through all places."""
    longest = max(map(len, (*overview.strings, *overview.names)), default=0)
    return (
        longest > limits.max_string_length
        or overview.most_members > limits.max_members
        or overview.longest_array > min(limits.max_array_length, limits.max_columns_per_table)
        or (
            overview.longest_array > min(limits.max_tables, limits.max_relationships_per_table)
            and any(_excess(path, value, limits) for path, value in _tables_and_relationships(raw))
        )
        or _excess_of_checks(raw, limits) is not None
    )


def _tables_and_relationships(raw: object) -> Iterator[tuple[Path, object]]:
    tables = raw.get("schema") if isinstance(raw, dict) else None
    yield ("schema",), tables
    for index, table in enumerate(tables if isinstance(tables, list) else ()):
        if isinstance(table, dict):
            yield ("schema", index, "relationships"), table.get("relationships")


def _without_nulls(value: object, path: Path, findings: Findings) -> object:
    """A copy without null bytes; `path` is that of the copy."""
    if isinstance(value, str):
        if "\0" not in value:
            return value
        findings.warn(pointer_to(path), "null_bytes_removed", "Null bytes were removed.")
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nulls(item, (*path, index), findings) for index, item in enumerate(value)]
    if isinstance(value, dict):
        return _members_without_nulls(value, path, findings)
    return value


def _members_without_nulls(
    value: Mapping[str, object], path: Path, findings: Findings
) -> dict[str, object]:
    cleaned: dict[str, object] = {}
    for name, item in value.items():
        plain = name.replace("\0", "")
        here = (*path, plain)
        if plain in cleaned or (plain != name and plain in value):
            message = f"The member {shorten(plain)!r} occurs twice in one object."
            place = findings.sent(pointer_to(path)) + pointer_to((name,))
            fault = Fault(place, "duplicate_member", message)
            raise RequestError(400, "invalid_json", message, faults=(fault,))
        if plain != name:
            pointer = pointer_to(here)
            findings.renamed[pointer] = pointer_to((name,))[1:]
            message = "Null bytes were removed from the name of this member."
            findings.warn(pointer, "null_bytes_removed", message)
        cleaned[plain] = _without_nulls(item, here, findings)
    return cleaned


def _walk(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    """Every value of a document with its path, from the top down, in its order."""
    yield path, value
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _walk(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, (*path, index))


def _refuse_suspicious(raw: object, findings: Findings) -> None:
    """Raise for the first pattern, with all places; words of two neighbours together are none."""
    faults = []
    for path, value in _walk(raw, ()):
        texts = [(path, value)] if isinstance(value, str) else []
        if isinstance(value, dict):
            texts = [((*path, name), name) for name in value]
        for place, text in texts:
            pattern = find_suspicious(text)
            if pattern is None:
                continue
            message = f"Suspicious pattern detected in schema: {pattern}"
            faults.append(Fault(findings.sent(pointer_to(place)), "suspicious_pattern", message))
        if len(faults) >= MAX_PLACES:
            break
    if faults:
        raise RequestError(400, "suspicious_pattern", faults[0].message, faults=faults[:MAX_PLACES])


def _shape_of(path: Path) -> tuple[str | int, ...]:
    """The path without its indices; nothing where no place has a rule of its own."""
    if len(path) > _DEEPEST:
        return ()
    return tuple(_ANY_INDEX if isinstance(part, int) else part for part in path)


def _refuse_excess(raw: object, limits: DocumentLimits, findings: Findings) -> None:
    faults: list[Fault] = []
    _note_excess(raw, (), limits, faults)
    beyond = _excess_of_checks(raw, limits)
    if beyond is not None:
        faults.append(beyond)
    faults = [replace(fault, pointer=findings.sent(fault.pointer)) for fault in faults[:MAX_PLACES]]
    if faults:
        place = faults[0].pointer or "The document"
        raise RequestError(
            400,
            "limit_exceeded",
            f"{shorten(place, 200)}: {faults[0].message}",
            faults=faults,
        )


def _note_excess(value: object, path: Path, limits: DocumentLimits, faults: list[Fault]) -> None:
    """Note what is over a limit, from the top down; what is too large is not looked into."""
    message = _excess(path, value, limits)
    if message is not None:
        faults.append(Fault(pointer_to(path), "limit_exceeded", message))
    elif isinstance(value, dict):
        for name, item in value.items():
            _note_excess(item, (*path, name), limits, faults)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _note_excess(item, (*path, index), limits, faults)


def _excess(path: Path, value: object, limits: DocumentLimits) -> str | None:
    if isinstance(value, str):
        shape = _shape_of(path)
        allowed = limits.max_code_length if shape == _CODE else limits.max_string_length
        if len(value) > allowed and shape not in _DESCRIPTIONS:
            return f"{len(value)} characters, and at most {allowed} are allowed."
    elif isinstance(value, list):
        allowed, noun = limits.max_array_length, "items"
        if len(path) <= len(_COLUMNS):
            allowed, noun = {
                _TABLES: (limits.max_tables, "tables"),
                _COLUMNS: (limits.max_columns_per_table, "columns"),
                _RELATIONSHIPS: (limits.max_relationships_per_table, "relationships"),
            }.get(_shape_of(path), (allowed, noun))
        if len(value) > allowed:
            return f"{len(value)} {noun}, and at most {allowed} are allowed."
    elif isinstance(value, dict):
        if len(value) > limits.max_members:
            return f"{len(value)} members, and at most {limits.max_members} are allowed."
        longest = max(map(len, value), default=0)
        if longest > limits.max_string_length:
            return (
                f"a member's name of {longest} characters, and at most"
                f" {limits.max_string_length} are allowed."
            )
    return None


def _excess_of_checks(raw: object, limits: DocumentLimits) -> Fault | None:
    """The first check with which all of them together are too long."""
    length = 0
    for path, text in _checks(raw):
        length += len(text)
        if length > limits.max_checks_length:
            return Fault(
                pointer_to(path),
                "limit_exceeded",
                f"All checks together may have {limits.max_checks_length} characters, and have"
                " more.",
            )
    return None


def _checks(raw: object) -> Iterator[tuple[Path, str]]:
    tables = raw.get("schema") if isinstance(raw, dict) else None
    for index, table in enumerate(tables if isinstance(tables, list) else ()):
        checks = table.get("checks") if isinstance(table, dict) else None
        for position, text in enumerate(checks if isinstance(checks, list) else ()):
            if isinstance(text, str):
                yield ("schema", index, "checks", position), text


def _with_cut_descriptions(value: object, path: Path, limit: int, findings: Findings) -> object:
    if len(path) > _DEEPEST:
        return value
    if isinstance(value, str):
        if len(value) <= limit or _shape_of(path) not in _DESCRIPTIONS:
            return value
        findings.warn(
            pointer_to(path),
            "description_cut",
            f"{len(value)} characters, cut to the first {limit}.",
        )
        return value[:limit]
    if isinstance(value, list):
        return [
            _with_cut_descriptions(item, (*path, index), limit, findings)
            for index, item in enumerate(value)
        ]
    if isinstance(value, dict):
        return {
            name: _with_cut_descriptions(item, (*path, name), limit, findings)
            for name, item in value.items()
        }
    return value
