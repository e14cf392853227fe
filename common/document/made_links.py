"""Tables between that nobody declared: their names, their columns, their keys."""

from __future__ import annotations

from common.document import names
from common.document.draft import Draft, DraftColumn, DraftTable
from common.document.links import secondary_of
from common.document.pointers import shorten
from common.document.resolved import (
    ColumnOrigin,
    ColumnType,
    ResolvedColumn,
    ResolvedForeignKey,
    ResolvedLink,
    ResolvedMadeLink,
)
from common.document.sides import Pair, Side

MAX_MADE_COLUMNS = 5_000
"""As many as all declared tables may have together. Keys are repeated in each table between: one of
a hundred columns in fifty relationships would become five thousand."""


def make_links(draft: Draft, pairs: list[Pair]) -> list[ResolvedMadeLink]:
    """Make a table for every many-to-many that has none yet, and give its sides their links.

    A made table is called what `secondary` says, else after its two tables in alphabetical order
    (`posts_tags`), or after one table and the attribute where a table is linked to itself
    (`users_following`) or the first name is taken. Names over 63 bytes end in digits of a hash.
    """
    missing = [pair for pair in pairs if pair[0].kind == "many_to_many" and pair[0].link is None]
    taken = {name.lower() for name in draft.tables}
    taken.update(secondary[0] for pair in missing if (secondary := secondary_of(pair)) is not None)
    given: set[str] = set()
    numbers: dict[str, int] = {}
    made: list[ResolvedMadeLink] = []
    columns_left = MAX_MADE_COLUMNS
    for pair in missing:
        secondary = secondary_of(pair)
        if secondary is not None:
            name, pointer = secondary
            if name in given:
                draft.findings.fault(
                    pointer,
                    "duplicate_relationship",
                    f"{shorten(name)!r} lies between two other sides already.",
                )
                continue
            given.add(name)
        else:
            name = names.free_name(
                map(names.fitting, _link_names(pair)), lambda one: one not in taken, numbers
            )
            taken.add(name)
        columns_left -= sum(len(side.target.primary_key) for side in pair)
        if columns_left < 0:
            draft.findings.fault(
                pair[0].pointer,
                "out_of_range",
                f"All tables between that are made may have {MAX_MADE_COLUMNS} columns together,"
                " and have more.",
            )
            continue
        link = _made(pair, name)
        if link is not None:
            made.append(link)
    return made


def _link_names(pair: Pair) -> list[str]:
    first, second = pair
    if first.table is first.target:
        return [f"{first.table.name}_{first.name.lower()}"]
    one, two = sorted((first, second), key=lambda side: side.table.name)
    return [f"{one.table.name}_{two.table.name}", f"{one.table.name}_{one.name.lower()}"]


def _made(pair: Pair, name: str) -> ResolvedMadeLink | None:
    first, second = pair
    if first.table is not first.target:
        # Alphabetical order here too, so that it doesn't matter which side was written first.
        first, second = sorted(pair, key=lambda side: side.table.name)
    if not first.table.primary_key or not second.table.primary_key:
        return None  # the missing key is a fault of its own
    taken: set[str] = set()
    word = first.target.name if first.table is not first.target else first.name
    here, local = _half(first.table, first.table.name, name, first, taken)
    there, remote = _half(second.table, word, name, first, taken)
    first.link = ResolvedLink(name, made=True, local=local, remote=remote)
    second.link = ResolvedLink(name, made=True, local=remote, remote=local)
    return ResolvedMadeLink(name, columns=(*here, *there), foreign_keys=(local, remote))


def _half(
    table: DraftTable, word: str, link: str, side: Side, taken: set[str]
) -> tuple[list[ResolvedColumn], ResolvedForeignKey]:
    """The columns that point to `table`, called after `word`; `taken` grows by their names."""
    columns = []
    word = names.singular(names.identifier(word))
    for key in (table.columns[name] for name in table.primary_key):
        lowered = key.name.lower()
        same = lowered.startswith(f"{word}_".lower()) or lowered == word.lower()
        name = names.free_name(
            (names.fitting(lowered if same else f"{word}_{lowered}".lower()),),
            lambda candidate: candidate not in taken,
        )
        taken.add(name)
        columns.append(_key_column(key, name, table, side.pointer))
    foreign_key = ResolvedForeignKey(
        table=link,
        columns=tuple(column.name for column in columns),
        target_table=table.name,
        target_columns=table.primary_key,
        on_delete="CASCADE",
        pointer=side.pointer,
    )
    return columns, foreign_key


def _key_column(key: DraftColumn, name: str, table: DraftTable, pointer: str) -> ResolvedColumn:
    return ResolvedColumn(
        name=name,
        type=key.type or ColumnType.INTEGER,
        length=key.length,
        precision=key.precision,
        scale=key.scale,
        values=key.values,
        enum_of=key.enum_of or ((table.name, key.name) if key.values else None),
        primary_key=True,
        autoincrement=False,
        unique=False,
        nullable=False,
        index=False,
        has_default=False,
        default=None,
        description=None,
        origin=ColumnOrigin.DECLARED,
        pointer=pointer,
    )
