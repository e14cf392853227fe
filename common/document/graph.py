"""Which table needs which, and in which order they can be created."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from common.document.resolved import ResolvedForeignKey

Edges = Mapping[str, set[str]]


def plan_order(
    tables: Sequence[str],
    keys: Sequence[ResolvedForeignKey],
    nullable: Iterable[ResolvedForeignKey],
) -> tuple[tuple[str, ...], tuple[ResolvedForeignKey, ...]]:
    """The order of creation, and the keys that have to wait until all tables are there.

    Tables come as early as what they refer to allows, in the given order where it is free. From
    each cycle the tables whose keys are `nullable` are preferred to be cut, then the last ones.
    """
    soft = set(nullable)
    between = [key for key in keys if key.table != key.target_table]
    edges: dict[str, set[str]] = {name: set() for name in tables}
    for key in between:
        edges[key.table].add(key.target_table)
    cut: set[tuple[str, str]] = set()
    hard = {(key.table, key.target_table) for key in between if key not in soft}
    position = {name: index for index, name in enumerate(tables)}
    while True:
        ring = _cyclic(edges)
        if not ring:
            break
        candidates = [(name, target) for name in ring for target in edges[name] if target in ring]
        victim = min(
            candidates,
            key=lambda edge: (edge in hard, -position[edge[0]], -position[edge[1]]),
        )
        edges[victim[0]].discard(victim[1])
        cut.add(victim)
    order: list[str] = []
    placed: set[str] = set()
    waiting = list(tables)
    while waiting:
        ready = [name for name in waiting if edges[name] <= placed]
        # One at a time, so that the order of the document is kept wherever it can be.
        order.append(ready[0])
        placed.add(ready[0])
        waiting.remove(ready[0])
    return tuple(order), tuple(key for key in between if (key.table, key.target_table) in cut)


def _cyclic(edges: Edges) -> set[str]:
    """The tables of one knot of cycles (a strongly connected component), or none."""
    reach = {name: _reachable(edges, name) for name in edges}
    for name, reached in reach.items():
        if name in reached:
            return {other for other in reached if name in reach[other]}
    return set()


def _reachable(edges: Edges, start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(edges[start])
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(edges[name])
    return seen


def rings(keys: Iterable[ResolvedForeignKey]) -> list[ResolvedForeignKey]:
    """Those of `keys` that lie on a cycle of `keys` (references of a table to itself included)."""
    listed = list(keys)
    edges: dict[str, set[str]] = {}
    for key in listed:
        edges.setdefault(key.table, set()).add(key.target_table)
        edges.setdefault(key.target_table, set())
    return [
        key
        for key in listed
        if key.table in _reachable(edges, key.target_table) or key.table == key.target_table
    ]
