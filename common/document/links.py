"""Many-to-many: which two entries belong together, and which table lies between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from common.document import names
from common.document.draft import Draft, DraftTable
from common.document.pointers import shorten
from common.document.resolved import ColumnOrigin, ResolvedForeignKey, ResolvedLink
from common.document.sides import Pair, Side

_SELF_KEYS = 2


def join_many_to_many(draft: Draft, sides: list[Side]) -> list[Pair]:
    """Pair the many-to-many entries, add missing sides, find the tables between.

    A pair whose table is declared gets its links here; one whose table has to be made gets them
    in `common.document.made_links`, since made names follow the names of the attributes.
    """
    pairs: list[Pair] = []
    taken: set[Side] = set()
    facing: dict[tuple[str, str], list[Side]] = defaultdict(list)
    for side in sides:
        facing[side.target.name, side.table.name].append(side)

    def partners_of(side: Side) -> list[Side]:
        others = facing[side.table.name, side.target.name]
        return _best(
            [
                other
                for other in others
                if other is not side and other not in taken and _fits(side, other)
            ],
            side,
        )

    for side in sides:
        if side in taken:
            continue
        partners = partners_of(side)
        rivals = partners_of(partners[0]) if len(partners) == 1 else partners
        if len(rivals) > 1:
            draft.findings.fault(
                side.pointer,
                "ambiguous_relationship",
                f"{', '.join(rival.pointer for rival in rivals[:3])} could all belong to one other"
                " side; tell them apart with `secondary` or `name`.",
            )
            taken.update((side, *partners, *rivals))
            continue
        other = partners[0] if partners else side.opposite()
        taken.update((side, other))
        pairs.append((side, other))
    used: dict[tuple[str, frozenset[ResolvedForeignKey]], Side] = {}
    between = _candidates(draft)
    return [pair for pair in pairs if _find_link(draft, pair, between, used)]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A table that may lie between two others; every pair asks every one, so it is known before."""

    table: DraftTable
    primary_key: frozenset[str]
    needed: tuple[str, ...]
    """Columns that have no value unless one is given"""
    keys: dict[str, list[ResolvedForeignKey]]
    """By the table that they point to"""


Between = dict[str, _Candidate]


def _candidates(draft: Draft) -> Between:
    between = {
        name: _Candidate(table, frozenset(table.primary_key), _needed(table), {})
        for name, table in draft.tables.items()
    }
    for key in draft.foreign_keys():
        between[key.table].keys.setdefault(key.target_table, []).append(key)
    return between


def _fits(side: Side, other: Side) -> bool:
    """Whether nothing that the two entries say contradicts that they are one relationship."""
    one, two = side.entry, other.entry
    if one is None or two is None:
        return False
    return (
        other.table is side.target
        and other.target is side.table
        and (one.secondary is None or two.secondary is None or one.secondary == two.secondary)
        and (one.back_populates is None or two.name is None or one.back_populates == two.name)
        and (two.back_populates is None or one.name is None or two.back_populates == one.name)
    )


def _best(candidates: list[Side], side: Side) -> list[Side]:
    """Those that agree with `side` most explicitly."""

    def agreement(other: Side) -> int:
        one, two = side.entry, other.entry
        if one is None or two is None:
            return 0
        return (
            4 * (one.secondary == two.secondary)
            + (two.name is not None and one.back_populates == two.name)
            + (one.name is not None and two.back_populates == one.name)
        )

    if not candidates:
        return []
    most = max(map(agreement, candidates))
    return [other for other in candidates if agreement(other) == most]


def secondary_of(pair: Iterable[Side]) -> tuple[str, str] | None:
    """The table between as the entries name it, with the pointer to where they do."""
    for side in pair:
        if side.entry is not None and side.entry.secondary is not None:
            return side.entry.secondary, f"{side.pointer}/secondary"
    return None


def _find_link(
    draft: Draft,
    pair: Pair,
    between: Between,
    used: dict[tuple[str, frozenset[ResolvedForeignKey]], Side],
) -> bool:
    """Give both sides of the pair their link if its table is declared; False if it is faulty."""
    first, second = pair
    secondary = secondary_of(pair)
    if secondary is None:
        table = _search(draft, first, between)
        if table is None:
            return True
    else:
        name, pointer = secondary
        if name not in draft.tables:
            return _may_be_made(draft, name, pointer)
        table = draft.tables[name]
    keys = _keys(between[table.name], first)
    if keys is None or table is first.table or table is first.target:
        if secondary is not None:
            _refuse_keys(draft, table, first, secondary[1])
        return False
    local, remote = keys
    both = (table.name, frozenset(keys))
    if both in used:
        draft.findings.fault(
            first.pointer,
            "duplicate_relationship",
            f"{used[both].pointer} is a many_to_many through {table.name} already.",
        )
        return False
    used[both] = first
    first.link = ResolvedLink(table.name, made=False, local=local, remote=remote)
    second.link = ResolvedLink(table.name, made=False, local=remote, remote=local)
    _warn_of_values(draft, between[table.name], keys, first.pointer)
    return True


def _may_be_made(draft: Draft, name: str, pointer: str) -> bool:
    if draft.incomplete:
        return False
    fault = names.table_fault(name)
    if fault is not None:
        draft.findings.fault(pointer, *fault)
        return False
    draft.findings.warn(
        pointer,
        "link_table_made",
        f"There is no table {shorten(name)!r}, so it is made.",
        like=(name, draft.tables),
    )
    return True


def _keys(
    candidate: _Candidate, side: Side
) -> tuple[ResolvedForeignKey, ResolvedForeignKey] | None:
    """The table's keys to this side and the other (of a self reference first and second).

    None unless there is exactly one to each side.
    """
    mine = candidate.keys.get(side.table.name, [])
    if side.table is side.target:
        return (mine[0], mine[1]) if len(mine) == _SELF_KEYS else None
    theirs = candidate.keys.get(side.target.name, [])
    return (mine[0], theirs[0]) if len(mine) == len(theirs) == 1 else None


def _refuse_keys(draft: Draft, table: DraftTable, side: Side, pointer: str) -> None:
    if table.incomplete or any(column.doubtful for column in table.columns.values()):
        return
    if table is side.table or table is side.target:
        message = f"{table.name!r} can't lie between {side.table.name} and {side.target.name}."
        draft.findings.fault(pointer, "not_a_link_table", message)
        return
    wanted = (
        f"two foreign keys to {side.table.name}"
        if side.table is side.target
        else f"one foreign key to {side.table.name} and one to {side.target.name}"
    )
    draft.findings.fault(pointer, "not_a_link_table", f"{table.name!r} must have exactly {wanted}.")


def _needed(table: DraftTable) -> tuple[str, ...]:
    return tuple(
        column.name
        for column in table.columns.values()
        if not column.nullable
        and not column.autoincrement
        and column.origin is ColumnOrigin.DECLARED
        and not (column.source is not None and column.source.has_default)
    )


def _needed_values(
    candidate: _Candidate, keys: tuple[ResolvedForeignKey, ResolvedForeignKey]
) -> list[str]:
    """Columns of a table between that a link alone can't fill."""
    joined = {*keys[0].columns, *keys[1].columns}
    return [name for name in candidate.needed if name not in joined]


def _search(draft: Draft, side: Side, between: Between) -> DraftTable | None:
    """The declared table that can only be meant to lie between the two, or None to make one."""
    found: list[DraftTable] = []
    pure: list[DraftTable] = []
    for candidate in between.values():
        table = candidate.table
        keys = _keys(candidate, side)
        if keys is None or table is side.table or table is side.target:
            continue
        if candidate.primary_key == {*keys[0].columns, *keys[1].columns}:
            pure.append(table)
        if not _needed_values(candidate, keys):
            found.append(table)
    # A table whose key consists of the two links is meant; others only if they hold nothing else.
    pure = [table for table in pure if table in found]
    candidates = pure or found
    if len(candidates) > 1:
        draft.findings.fault(
            side.pointer,
            "ambiguous_link_table",
            f"{', '.join(table.name for table in candidates[:5])} could all be the table between;"
            " name one as `secondary`.",
        )
        return None
    if not candidates:
        return None
    if not pure:
        draft.findings.warn(
            side.pointer,
            "link_table_found",
            f"{candidates[0].name!r} is taken for the table between; name another as `secondary`"
            " if it isn't.",
        )
    return candidates[0]


def _warn_of_values(
    draft: Draft,
    candidate: _Candidate,
    keys: tuple[ResolvedForeignKey, ResolvedForeignKey],
    pointer: str,
) -> None:
    needed = _needed_values(candidate, keys)
    if needed:
        draft.findings.warn(
            pointer,
            "link_needs_values",
            f"Rows of {candidate.table.name!r} need {', '.join(needed[:5])} too, so they are made"
            " through that table and not through this relationship.",
        )
