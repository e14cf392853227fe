"""Many-to-many: which two entries belong together, and which table lies between them."""

from __future__ import annotations

from collections.abc import Iterable

from common.document import names
from common.document.draft import Draft, DraftTable
from common.document.pointers import nearest, shorten
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
    for side in sides:
        if side in taken:
            continue
        taken.add(side)
        partners = _best(
            [other for other in sides if other not in taken and _fits(side, other)], side
        )
        if len(partners) > 1:
            draft.findings.fault(
                side.pointer,
                "ambiguous_relationship",
                f"Several entries of {side.target.name} could be the other side"
                f" ({', '.join(partner.pointer for partner in partners[:3])});"
                " tell them apart with `secondary` or `name`.",
            )
            taken.update(partners)
            continue
        other = partners[0] if partners else side.opposite()
        taken.add(other)
        pairs.append((side, other))
    used: dict[tuple[str, frozenset[ResolvedForeignKey]], Side] = {}
    return [pair for pair in pairs if _find_link(draft, pair, used)]


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
    used: dict[tuple[str, frozenset[ResolvedForeignKey]], Side],
) -> bool:
    """Give both sides of the pair their link if its table is declared; False if it is faulty."""
    first, second = pair
    secondary = secondary_of(pair)
    if secondary is None:
        table = _search(draft, first)
    else:
        name, pointer = secondary
        table = draft.tables.get(name)
        if table is None:
            return _may_be_made(draft, name, pointer)
        if not _check_keys(draft, table, first, pointer):
            return False
    if table is None:
        return True
    local, remote = _keys(table, first)
    both = (table.name, frozenset((local, remote)))
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
    _warn_of_values(draft, table, first)
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
        f"There is no table {shorten(name)!r}, so it is made.{nearest(name, draft.tables)}",
    )
    return True


def _keys(table: DraftTable, side: Side) -> tuple[ResolvedForeignKey, ResolvedForeignKey]:
    """The table's keys to this side and to the other; on a self reference the first and second."""
    mine = [key for key in table.foreign_keys if key.target_table == side.table.name]
    if side.table is side.target:
        return mine[0], mine[1]
    theirs = [key for key in table.foreign_keys if key.target_table == side.target.name]
    return mine[0], theirs[0]


def _is_between(table: DraftTable, side: Side) -> bool:
    mine = sum(key.target_table == side.table.name for key in table.foreign_keys)
    if side.table is side.target:
        return mine == _SELF_KEYS
    return (
        mine == 1 and sum(key.target_table == side.target.name for key in table.foreign_keys) == 1
    )


def _check_keys(draft: Draft, table: DraftTable, side: Side, pointer: str) -> bool:
    if _is_between(table, side):
        return True
    if table.incomplete or any(column.doubtful for column in table.columns.values()):
        return False
    wanted = (
        f"two foreign keys to {side.table.name}"
        if side.table is side.target
        else f"one foreign key to {side.table.name} and one to {side.target.name}"
    )
    draft.findings.fault(pointer, "not_a_link_table", f"{table.name!r} must have exactly {wanted}.")
    return False


def _needed_values(table: DraftTable, side: Side) -> list[str]:
    """Columns of a table between that a link alone can't fill."""
    local, remote = _keys(table, side)
    joined = {*local.columns, *remote.columns}
    return [
        column.name
        for column in table.columns.values()
        if column.name not in joined
        and not column.nullable
        and not column.autoincrement
        and column.origin is ColumnOrigin.DECLARED
        and not (column.source is not None and column.source.has_default)
    ]


def _search(draft: Draft, side: Side) -> DraftTable | None:
    """The declared table that can only be meant to lie between the two, or None to make one."""
    between = [
        table
        for table in draft.tables.values()
        if table is not side.table
        and table is not side.target
        and _is_between(table, side)
        and not _needed_values(table, side)
    ]
    pure = []
    for table in between:
        local, remote = _keys(table, side)
        if set(table.primary_key) == {*local.columns, *remote.columns}:
            pure.append(table)
    found = pure or between
    if len(found) > 1:
        draft.findings.fault(
            side.pointer,
            "ambiguous_link_table",
            f"{', '.join(table.name for table in found[:5])} could all be the table between;"
            " name one as `secondary`.",
        )
        return None
    if not found:
        return None
    if not pure:
        draft.findings.warn(
            side.pointer,
            "link_table_found",
            f"{found[0].name!r} is taken for the table between; name another as `secondary`"
            " if it isn't.",
        )
    return found[0]


def _warn_of_values(draft: Draft, table: DraftTable, side: Side) -> None:
    needed = _needed_values(table, side)
    if needed:
        draft.findings.warn(
            side.pointer,
            "link_needs_values",
            f"Rows of {table.name!r} need {', '.join(needed[:5])} too, so they are made through"
            " that table and not through this relationship.",
        )
