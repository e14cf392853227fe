"""Relationships: which key each entry means, and which two entries are two sides of one thing."""

from __future__ import annotations

from common.document.attributes import check_attribute
from common.document.draft import Draft, DraftTable
from common.document.keys import find_table
from common.document.links import join_many_to_many
from common.document.models import Relationship
from common.document.pointers import shorten
from common.document.resolved import ResolvedForeignKey, ResolvedUnique
from common.document.sides import INVERSE, Pair, Side

Role = tuple[ResolvedForeignKey, bool]
"""A foreign key, and whether the side of it that has the column is meant."""


def pair_sides(draft: Draft) -> list[Pair]:
    """All relationships with both their sides, in the order of the document; added ones too."""
    by_role: dict[Role, Side] = {}
    many_to_many: list[Side] = []
    for table in draft.tables.values():
        for index, entry in enumerate(table.source.relationships):
            side = _read(draft, table, entry, f"{table.pointer}/relationships/{index}")
            if side is None:
                continue
            if side.kind == "many_to_many":
                many_to_many.append(side)
            else:
                _take_role(draft, by_role, side)
    pairs = _join(draft, by_role)
    for first, _ in pairs:
        if first.kind == "one_to_one" and first.key is not None:
            _make_unique(draft, first.key, first.pointer)
    return pairs + join_many_to_many(draft, many_to_many)


def _read(draft: Draft, table: DraftTable, entry: Relationship, pointer: str) -> Side | None:
    if pointer in draft.doubtful:
        return None
    target = find_table(draft, entry.target_table, f"{pointer}/target_table")
    if target is None:
        return None
    if entry.target_class != target.source.class_name and target.pointer not in draft.doubtful:
        draft.findings.fault(
            f"{pointer}/target_class",
            "class_mismatch",
            f"The class of {target.name!r} is {shorten(target.source.class_name)!r},"
            f" not {shorten(entry.target_class)!r}.",
        )
    # Names are looked at here as well, for an entry whose key is not found is named no further.
    if entry.name is not None:
        check_attribute(draft, table, entry.name, f"{pointer}/name")
    if entry.back_populates is not None:
        check_attribute(draft, target, entry.back_populates, f"{pointer}/back_populates")
    side = Side(table, target, entry.type, entry, pointer)
    if entry.type == "many_to_many":
        if entry.foreign_key is not None:
            draft.findings.fault(
                f"{pointer}/foreign_key",
                "not_applicable",
                "A many_to_many has two foreign keys, both on the table between; name that table"
                " as `secondary`.",
            )
        return side
    if entry.secondary is not None:
        draft.findings.fault(
            f"{pointer}/secondary", "not_applicable", "Only a many_to_many has a table between."
        )
    return side if _find_key(draft, side, entry) else None


def _roles(side: Side) -> list[Role]:
    """The keys that join the two tables, as seen by `side`, whatever its kind."""
    own = [(key, True) for key in side.table.foreign_keys if key.target_table == side.target.name]
    theirs = [
        (key, False) for key in side.target.foreign_keys if key.target_table == side.table.name
    ]
    return own + theirs


def _named(roles: list[Role], name: str | None) -> list[Role]:
    if name is None:
        return roles
    exact = [role for role in roles if role[0].columns == (name,)]
    return exact or [role for role in roles if name in role[0].columns]


def _find_key(draft: Draft, side: Side, entry: Relationship) -> bool:
    every = _roles(side)
    allowed = {"many_to_one": (True,), "one_to_many": (False,)}.get(side.kind, (True, False))
    fitting = [role for role in every if role[1] in allowed]
    found = _named(fitting, entry.foreign_key)
    keys = {key for key, _ in found}
    if len(keys) == 1:
        # Only a one_to_one of a table to itself still has two roles to choose from.
        side.key, side.owns_key = found[0]
        return True
    if keys:
        listed = ", ".join(sorted(", ".join(key.columns) for key in keys))
        draft.findings.fault(
            f"{side.pointer}/foreign_key" if entry.foreign_key is not None else side.pointer,
            "ambiguous_foreign_key",
            f"{side.table.name} and {side.target.name} are joined by {shorten(listed, 200)};"
            " say which with `foreign_key`.",
        )
        return False
    _explain_missing_key(draft, side, entry, _named(every, entry.foreign_key))
    return False


def _explain_missing_key(
    draft: Draft, side: Side, entry: Relationship, elsewhere: list[Role]
) -> None:
    if elsewhere:
        key = elsewhere[0][0]
        many, one = key.table, key.target_table
        draft.findings.fault(
            f"{side.pointer}/type",
            "type_mismatch",
            f"{', '.join(key.columns)} is on {many}, so it is many_to_one from {many} to {one} and"
            f" one_to_many the other way; this side can't be {side.kind}.",
        )
        return
    tables = (side.table, side.target)
    if any(table.incomplete or _has_lost_key(table) for table in tables):
        return  # the key may be there; what is wrong with it has been said
    if entry.foreign_key is None:
        draft.findings.fault(
            side.pointer,
            "no_foreign_key",
            f"No foreign key joins {side.table.name} and {side.target.name}.",
        )
        return
    pointer = f"{side.pointer}/foreign_key"
    holders = [table.name for table in tables if entry.foreign_key in table.columns]
    if holders:
        draft.findings.fault(
            pointer,
            "no_foreign_key",
            f"{holders[0]}.{shorten(entry.foreign_key)} does not join {side.table.name} and"
            f" {side.target.name}.",
        )
        return
    where = side.table if side.kind == "many_to_one" else side.target
    draft.findings.fault(
        pointer,
        "unknown_column",
        f"Table {where.name!r} has no column {shorten(entry.foreign_key)!r}.",
        like=(entry.foreign_key, where.columns),
    )


def _has_lost_key(table: DraftTable) -> bool:
    """Whether a foreign key of the table was faulty and is not among its keys."""
    held = {key.pointer for key in table.foreign_keys}
    return any(
        column.source is not None
        and (column.source.type == "ForeignKey" or column.doubtful)
        and column.pointer not in held
        for column in table.columns.values()
    ) or len([pointer for pointer in held if "/foreign_keys/" in pointer]) < len(
        table.source.foreign_keys
    )


def _take_role(draft: Draft, by_role: dict[Role, Side], side: Side) -> None:
    if side.key is None:
        return
    role = (side.key, side.owns_key)
    if side.kind == "one_to_one" and side.table is side.target and role in by_role:
        side.owns_key = not side.owns_key
        role = (side.key, side.owns_key)
    if role in by_role:
        draft.findings.fault(
            side.pointer,
            "duplicate_relationship",
            f"{by_role[role].pointer} is this side of {', '.join(side.key.columns)} already.",
        )
        return
    by_role[role] = side


def _join(draft: Draft, by_role: dict[Role, Side]) -> list[Pair]:
    pairs: list[Pair] = []
    joined: set[Role] = set()
    for role, side in by_role.items():
        if role in joined:
            continue
        key, owns = role
        other = by_role.get((key, not owns))
        joined.add((key, not owns))
        if other is None:
            other = side.opposite()
        elif other.kind != INVERSE[side.kind]:
            draft.findings.fault(
                f"{other.pointer}/type",
                "type_mismatch",
                f"The other side ({side.pointer}) is {side.kind}, so this one must be"
                f" {INVERSE[side.kind]}.",
            )
            continue
        pairs.append((side, other))
    return pairs


def _make_unique(draft: Draft, key: ResolvedForeignKey, pointer: str) -> None:
    table = draft.tables[key.table]
    if table.is_unique(key.columns):
        return
    draft.findings.warn(
        pointer,
        "made_unique",
        f"A one_to_one needs a unique key, so {key.table}.{', '.join(key.columns)} is made unique.",
    )
    if len(key.columns) == 1:
        table.columns[key.columns[0]].unique = True
    else:
        table.uniques.append(ResolvedUnique(key.columns, pointer))
