"""Which table needs which, and in which order they can be created."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from common.document.resolved import ResolvedForeignKey

Edges = Mapping[str, set[str]]
_Node = TypeVar("_Node", bound=Hashable)


def plan_order(
    tables: Sequence[str],
    keys: Sequence[ResolvedForeignKey],
    nullable: Iterable[ResolvedForeignKey],
) -> tuple[tuple[str, ...], tuple[ResolvedForeignKey, ...]]:
    """The order of creation, and the keys that have to wait until all tables are there.

    The given order is kept wherever it can be. Of each knot of cycles the table comes first that
    has the fewest keys into it that are not `nullable`, then the fewest, then the first one.
    """
    soft = set(nullable)
    between = [key for key in keys if key.table != key.target_table]
    needs: dict[str, set[str]] = {name: set() for name in tables}
    hard: dict[str, set[str]] = {name: set() for name in tables}
    position = {name: index for index, name in enumerate(tables)}
    for key in between:
        needs[key.table].add(key.target_table)
        if key not in soft:
            hard[key.table].add(key.target_table)
    order: list[str] = []
    waiting = dict.fromkeys(tables)
    cut: set[tuple[str, str]] = set()
    while waiting:
        name = next((name for name in waiting if waiting.keys().isdisjoint(needs[name])), None)
        if name is None:
            knot = _knot(needs, waiting)
            name = min(
                knot, key=lambda one: (len(hard[one] & knot), len(needs[one] & knot), position[one])
            )
            cut.update((name, target) for target in needs[name] if target in waiting)
        order.append(name)
        del waiting[name]
    return tuple(order), tuple(key for key in between if (key.table, key.target_table) in cut)


def rings(keys: Iterable[ResolvedForeignKey]) -> list[ResolvedForeignKey]:
    """Those of `keys` that lie on a cycle of `keys` (references of a table to itself included)."""
    listed = list(keys)
    edges: dict[str, set[str]] = {}
    for key in listed:
        edges.setdefault(key.table, set()).add(key.target_table)
        edges.setdefault(key.target_table, set())
    reach = {name: reachable(edges, name) for name in edges}
    return [key for key in listed if key.table in reach[key.target_table]]


def on_cycles(edges: Mapping[_Node, set[_Node]]) -> set[_Node]:
    """All nodes that lie on a cycle, in time linear to the edges: columns are thousands."""
    back: dict[_Node, set[_Node]] = {node: set() for node in edges}
    for node, targets in edges.items():
        for target in targets:
            back[target].add(node)
    found = {node for node, targets in edges.items() if node in targets}
    seen: set[_Node] = set()
    finished = [node for start in edges for node in _finished(edges, start, seen)]
    seen = set()
    # What reaches a node, and was not reached by what needs neither, is on a cycle with it.
    for start in reversed(finished):
        knot = _finished(back, start, seen)
        if len(knot) > 1:
            found.update(knot)
    return found


def _finished(edges: Mapping[_Node, set[_Node]], start: _Node, seen: set[_Node]) -> list[_Node]:
    """What `start` reaches and nobody has `seen`, each behind what it needs; `seen` grows."""
    if start in seen:
        return []
    seen.add(start)
    done: list[_Node] = []
    path = [(start, iter(edges[start]))]
    while path:
        node, targets = path[-1]
        unseen = next((target for target in targets if target not in seen), None)
        if unseen is None:
            done.append(node)
            path.pop()
        else:
            seen.add(unseen)
            path.append((unseen, iter(edges[unseen])))
    return done


def _knot(needs: Edges, waiting: Mapping[str, None]) -> set[str]:
    """Tables of `waiting` that all need each other and nothing else of it."""
    edges = {name: needs[name] & waiting.keys() for name in waiting}
    name = next(iter(edges))
    while True:
        inner = reachable(edges, name)
        deeper = next((other for other in inner if name not in reachable(edges, other)), None)
        if deeper is None:
            return inner
        name = deeper


def reachable(edges: Mapping[_Node, set[_Node]], start: _Node) -> set[_Node]:
    """What `start` needs, near or far; itself only if it lies on a cycle."""
    seen: set[_Node] = set(edges[start])
    fresh = set(seen)
    while fresh:
        fresh = set().union(*(edges[name] for name in fresh)) - seen
        seen |= fresh
    return seen
