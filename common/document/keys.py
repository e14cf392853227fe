"""Foreign keys: where they lead, what type that gives them, and what happens on delete."""

from __future__ import annotations

from common.document.draft import Draft, DraftColumn, DraftTable
from common.document.pointers import shorten
from common.document.resolved import OnDelete, ResolvedForeignKey

_TARGET_PARTS = 2
Meaning = tuple[str, frozenset[tuple[str, str]]]


def resolve_keys(draft: Draft) -> None:
    """Give every table its foreign keys and every ForeignKey column its type."""
    for table in draft.tables.values():
        for column in table.columns.values():
            if column.source is not None and column.source.type == "ForeignKey":
                _add_column_key(draft, table, column)
    aims = {key.pointer: _aim(draft, key) for key in draft.foreign_keys()}
    lost: set[str] = set()
    for table in draft.tables.values():
        for column in table.columns.values():
            if column.type is None:
                _follow(draft, (table, column), aims, lost)
    for table in draft.tables.values():
        known = {_meaning(key) for key in table.foreign_keys}
        for index in range(len(table.source.foreign_keys)):
            _add_composite_key(draft, table, index, known)
    for key in draft.foreign_keys():
        _check_on_delete(draft, key)


def find_table(draft: Draft, name: str, pointer: str) -> DraftTable | None:
    """The table called `name`, or None and a fault at `pointer`."""
    table = draft.tables.get(name)
    if table is None and not draft.incomplete:
        draft.findings.fault(
            pointer,
            "unknown_table",
            f"There is no table {shorten(name)!r}.",
            like=(name, draft.tables),
        )
    return table


def find_column(draft: Draft, table: DraftTable, name: str, pointer: str) -> DraftColumn | None:
    """The column of `table` called `name`, or None and a fault at `pointer`."""
    column = table.columns.get(name)
    if column is None and not table.incomplete:
        draft.findings.fault(
            pointer,
            "unknown_column",
            f"Table {shorten(table.name)!r} has no column {shorten(name)!r}.",
            like=(name, table.columns),
        )
    return column


def _add_column_key(draft: Draft, table: DraftTable, column: DraftColumn) -> None:
    source = column.source
    if source is None or column.doubtful:
        return
    pointer = f"{column.pointer}/target"
    if source.target is None:
        draft.findings.fault(
            pointer if "target" in source.model_fields_set else column.pointer,
            "target_missing",
            f"The ForeignKey {shorten(column.name)!r} needs a `target` (`table.column`).",
        )
        return
    parts = source.target.split(".")
    if len(parts) != _TARGET_PARTS or not all(parts):
        draft.findings.fault(
            pointer,
            "invalid_target",
            f"{shorten(source.target)!r} must be `table.column`, with one point.",
        )
        return
    target = find_table(draft, parts[0], pointer)
    if target is None:
        return
    aim = find_column(draft, target, parts[1], pointer)
    if aim is None:
        return
    if aim is column:
        draft.findings.fault(pointer, "self_target", "A column can't refer to itself.")
        return
    _check_target_unique(draft, target, (aim.name,), pointer)
    table.foreign_keys.append(
        ResolvedForeignKey(
            table=table.name,
            columns=(column.name,),
            target_table=target.name,
            target_columns=(aim.name,),
            on_delete=_action(draft, source.on_delete, f"{column.pointer}/on_delete"),
            pointer=column.pointer,
        )
    )


def _action(draft: Draft, asked: OnDelete, pointer: str) -> OnDelete:
    """What the database is told; SQL Server has no word for RESTRICT, but does it by itself."""
    if draft.db_type == "mssql" and asked == "RESTRICT":
        draft.findings.warn(
            pointer, "on_delete_replaced", "SQL Server has no RESTRICT; NO ACTION does the same."
        )
        return "NO ACTION"
    return asked


Place = tuple[DraftTable, DraftColumn]


def _aim(draft: Draft, key: ResolvedForeignKey) -> Place:
    target = draft.tables[key.target_table]
    return target, target.columns[key.target_columns[0]]


def _follow(draft: Draft, start: Place, aims: dict[str, Place], lost: set[str]) -> None:
    """Take over the type at the end of the chain that begins with `start`.

    `aims` are the targets by the pointer of their ForeignKey, `lost` the pointers of columns that
    are known to lead nowhere; it grows.
    """
    chain: dict[str, Place] = {}
    here: Place | None = start
    while here is not None and here[1].type is None:
        pointer = here[1].pointer
        if pointer in chain:
            _refuse_ring(draft, list(chain.values())[list(chain).index(pointer) :])
            here = None
        elif pointer in lost:
            here = None
        else:
            chain[pointer] = here
            here = aims.get(pointer)
    if here is None:
        lost.update(chain)
        return
    table, end = here
    owner = end.enum_of or ((table.name, end.name) if end.values else None)
    for _, passed in chain.values():
        passed.type = end.type
        passed.length = end.length
        passed.precision = end.precision
        passed.scale = end.scale
        passed.values = end.values
        passed.enum_of = owner
        passed.doubtful = passed.doubtful or end.doubtful


def _refuse_ring(draft: Draft, ring: list[Place]) -> None:
    shown = " -> ".join(f"{table.name}.{column.name}" for table, column in ring[:10])
    for _, column in ring:
        draft.findings.fault(
            f"{column.pointer}/target",
            "foreign_key_cycle",
            f"{shorten(shown, 300)} and back: none of these columns has a type of its own.",
        )


def _add_composite_key(draft: Draft, table: DraftTable, index: int, known: set[Meaning]) -> None:
    source = table.source.foreign_keys[index]
    pointer = f"{table.pointer}/foreign_keys/{index}"
    if pointer in draft.doubtful:
        return
    own = [
        find_column(draft, table, name, f"{pointer}/columns/{position}")
        for position, name in enumerate(source.columns)
    ]
    target = find_table(draft, source.target_table, f"{pointer}/target_table")
    if target is None:
        return
    aims = [
        find_column(draft, target, name, f"{pointer}/target_columns/{position}")
        for position, name in enumerate(source.target_columns)
    ]
    if not _sound_columns(draft, pointer, source.columns, source.target_columns):
        return
    if None in own or None in aims:
        return
    if table is target and source.columns == source.target_columns:
        draft.findings.fault(
            f"{pointer}/target_columns", "self_target", "Columns can't refer to themselves."
        )
        return
    _check_target_unique(draft, target, source.target_columns, f"{pointer}/target_columns")
    for position, (mine, theirs) in enumerate(zip(own, aims, strict=True)):
        _check_same_type(draft, mine, theirs, f"{pointer}/columns/{position}")
    key = ResolvedForeignKey(
        table=table.name,
        columns=source.columns,
        target_table=target.name,
        target_columns=source.target_columns,
        on_delete=_action(draft, source.on_delete, f"{pointer}/on_delete"),
        pointer=pointer,
    )
    if _meaning(key) in known:
        draft.findings.fault(pointer, "duplicate_foreign_key", "The table has this key already.")
        return
    known.add(_meaning(key))
    table.foreign_keys.append(key)


def _check_target_unique(
    draft: Draft, target: DraftTable, columns: tuple[str, ...], pointer: str
) -> None:
    if target.incomplete or any(target.columns[name].doubtful for name in columns):
        return
    if not target.is_unique(columns):
        draft.findings.fault(
            pointer,
            "target_not_unique",
            f"{', '.join(columns)} of {target.name} is neither the primary key nor unique, so"
            " nothing can refer to it.",
        )


def _check_same_type(
    draft: Draft, mine: DraftColumn | None, theirs: DraftColumn | None, pointer: str
) -> None:
    if mine is None or theirs is None or mine.doubtful or theirs.doubtful:
        return
    if mine.type is not None and theirs.type is not None and mine.type is not theirs.type:
        draft.findings.fault(
            pointer, "type_mismatch", f"{mine.name} is {mine.type}, its target is {theirs.type}."
        )


def _sound_columns(
    draft: Draft, pointer: str, columns: tuple[str, ...], target_columns: tuple[str, ...]
) -> bool:
    if len(columns) != len(target_columns):
        draft.findings.fault(
            f"{pointer}/target_columns",
            "wrong_length",
            f"{len(columns)} columns can't refer to {len(target_columns)}.",
        )
        return False
    for member, listed in (("columns", columns), ("target_columns", target_columns)):
        if len(set(listed)) != len(listed):
            draft.findings.fault(
                f"{pointer}/{member}", "duplicate_column", "A column is listed more than once."
            )
            return False
    return True


def _meaning(key: ResolvedForeignKey) -> Meaning:
    """What makes two keys the same: where they lead, column by column."""
    return key.target_table, frozenset(zip(key.columns, key.target_columns, strict=True))


def _check_on_delete(draft: Draft, key: ResolvedForeignKey) -> None:
    pointer = f"{key.pointer}/on_delete"
    columns = [draft.tables[key.table].columns[name] for name in key.columns]
    if key.on_delete == "SET NULL":
        fixed = [column.name for column in columns if not column.nullable]
        if fixed:
            draft.findings.fault(
                pointer,
                "set_null_not_nullable",
                f"{', '.join(fixed)} can't be null, so SET NULL can't be done.",
            )
    elif key.on_delete == "SET DEFAULT":
        if draft.db_type == "mysql":
            draft.findings.fault(
                pointer, "not_supported", "MySQL's InnoDB refuses foreign keys with SET DEFAULT."
            )
        bare = [
            column.name
            for column in columns
            if column.source is None or not column.source.has_default
        ]
        if bare:
            draft.findings.warn(
                pointer,
                "set_default_without_default",
                f"{', '.join(bare)} has no default, so SET DEFAULT would make it null.",
            )
