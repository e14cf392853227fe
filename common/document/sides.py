"""The two sides of a relationship while it is being put together."""

from __future__ import annotations

from dataclasses import dataclass

from common.document.draft import DraftTable
from common.document.models import Relationship
from common.document.resolved import RelationshipKind, ResolvedForeignKey, ResolvedLink

INVERSE: dict[RelationshipKind, RelationshipKind] = {
    "one_to_many": "many_to_one",
    "many_to_one": "one_to_many",
    "one_to_one": "one_to_one",
    "many_to_many": "many_to_many",
}


@dataclass(slots=True, eq=False)
class Side:
    """One side: an entry of a table, or (`entry` is None) the side that nobody wrote down."""

    table: DraftTable
    target: DraftTable
    kind: RelationshipKind
    entry: Relationship | None
    pointer: str
    """The entry's, or that of the entry for which this side was added."""
    key: ResolvedForeignKey | None = None
    owns_key: bool = False
    link: ResolvedLink | None = None
    name: str = ""

    def opposite(self) -> Side:
        """The missing other side of this one."""
        return Side(
            table=self.target,
            target=self.table,
            kind=INVERSE[self.kind],
            entry=None,
            pointer=self.pointer,
            key=self.key,
            owns_key=self.key is not None and not self.owns_key,
        )


Pair = tuple[Side, Side]
"""The side that was written first, and the other one."""
