"""Relationships as attributes of models, with the arguments that SQLAlchemy needs to map them."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from common.document.resolved import (
    ColumnOrigin,
    ResolvedDocument,
    ResolvedForeignKey,
    ResolvedLink,
    ResolvedRelationship,
    ResolvedTable,
)
from workers.literals import literal
from workers.plan.constraints import Attributes
from workers.plan.ir import (
    ForeignKeyPlan,
    LinkSidePlan,
    RelationshipLinkPlan,
    RelationshipPlan,
)

_COLLECTION_NAMES: Final = frozenset(
    {"compare", "contains_column", "corresponding_column", "get", "items", "keys", "values"}
)
"""What `table.c.…` means something else by."""


@dataclass(frozen=True, slots=True)
class SchemaNames:
    """Names and keys that were decided before the relationships."""

    attributes: Attributes
    relationship_attributes: Attributes
    """By table and by the relationship's name in the document."""
    modules: Mapping[str, str]
    """By table, made links included."""
    foreign_keys: Mapping[ResolvedForeignKey, ForeignKeyPlan]


def plan_relationships(
    document: ResolvedDocument, names: SchemaNames
) -> dict[str, tuple[RelationshipPlan, ...]]:
    """All relationships, by table, in the order in which the document has them."""
    overlaps = _overlaps(document, names)
    return {
        table.name: tuple(
            _plan(document, table, relationship, names, overlaps[table.name, relationship.name])
            for relationship in table.relationships
        )
        for table in document.tables
    }


def _plan(
    document: ResolvedDocument,
    table: ResolvedTable,
    relationship: ResolvedRelationship,
    names: SchemaNames,
    overlaps: tuple[str, ...],
) -> RelationshipPlan:
    target = document.table(relationship.target_table)
    key = names.foreign_keys[relationship.foreign_key] if relationship.foreign_key else None
    link = _plan_link(document, relationship.link, names) if relationship.link else None
    collection = relationship.kind in {"one_to_many", "many_to_many"}
    nullable = not collection and (key is None or not relationship.owns_key or key.nullable)
    back_populates = names.relationship_attributes[target.name][relationship.back_populates]
    if link is not None:
        arguments = _link_arguments(document, table, target, link)
    else:
        arguments = _key_arguments(document, table, target, relationship, key)
    if link is None or link.writable:
        arguments["back_populates"] = literal(back_populates)
    if overlaps:
        arguments["overlaps"] = literal(",".join(overlaps))
    arguments["lazy"] = '"raise"'
    if collection:
        annotation = f"list[{target.class_name}]"
    else:
        annotation = f"{target.class_name} | None" if nullable else target.class_name
    return RelationshipPlan(
        attribute=names.relationship_attributes[table.name][relationship.name],
        wire_name=relationship.name,
        kind=relationship.kind,
        target_table=target.name,
        target_class=target.class_name,
        target_module=names.modules[target.name],
        collection=collection,
        nullable=nullable,
        annotation=annotation,
        arguments=tuple(arguments.items()),
        foreign_key=key,
        owns_key=relationship.owns_key,
        link=link,
        back_populates=back_populates,
        description=relationship.description,
    )


def _key_arguments(
    document: ResolvedDocument,
    table: ResolvedTable,
    target: ResolvedTable,
    relationship: ResolvedRelationship,
    key: ForeignKeyPlan | None,
) -> dict[str, str]:
    """Arguments for a relationship along one foreign key."""
    assert key is not None  # noqa: S101  (only many-to-many has none)
    arguments = {}
    between = [
        other
        for one, two in {(table.name, target.name), (target.name, table.name)}
        for other in document.table(one).foreign_keys
        if other.target_table == two
    ]
    if len(between) > 1:
        owner = document.table(key.table).class_name
        arguments["foreign_keys"] = _attribute_list(owner, key.attributes)
    if table.name == target.name and relationship.owns_key:
        arguments["remote_side"] = _attribute_list(table.class_name, key.target_attributes)
    if key.cyclic and key.nullable and relationship.owns_key:
        # Two new rows that refer to each other: insert both, then set the key
        arguments["post_update"] = "True"
    if not relationship.owns_key:
        # What becomes of the rows is the foreign key's business (ON DELETE), not the session's
        arguments["passive_deletes"] = '"all"'
    return arguments


def _attribute_list(class_name: str, attributes: tuple[str, ...]) -> str:
    said = [f"{class_name}.{attribute}" for attribute in attributes]
    return literal(said[0] if len(said) == 1 else f"[{', '.join(said)}]")


def _plan_link(
    document: ResolvedDocument, link: ResolvedLink, names: SchemaNames
) -> RelationshipLinkPlan:
    if link.made:
        symbol, writable = names.modules[link.table], True
    else:
        table = document.table(link.table)
        symbol = table.class_name
        keys = {*link.local.columns, *link.remote.columns}
        writable = not table.use_soft_delete and all(
            column.name in keys
            or column.nullable
            or (column.has_default and column.default is not None)
            or (column.autoincrement and len(table.primary_key) == 1)
            or column.origin is not ColumnOrigin.DECLARED
            for column in table.columns
        )
    return RelationshipLinkPlan(
        table=link.table,
        made=link.made,
        module=names.modules[link.table],
        symbol=symbol,
        local=_plan_side(link, link.local, names),
        remote=_plan_side(link, link.remote, names),
        writable=writable,
    )


def _plan_side(link: ResolvedLink, key: ResolvedForeignKey, names: SchemaNames) -> LinkSidePlan:
    columns = key.columns
    return LinkSidePlan(
        columns=columns,
        attributes=columns
        if link.made
        else tuple(names.attributes[link.table][column] for column in columns),
        target_attributes=tuple(names.attributes[key.target_table][c] for c in key.target_columns),
        target_columns=key.target_columns,
    )


def _link_arguments(
    document: ResolvedDocument,
    table: ResolvedTable,
    target: ResolvedTable,
    link: RelationshipLinkPlan,
) -> dict[str, str]:
    """Arguments for a many-to-many relationship."""
    arguments = {"secondary": literal(link.table)}
    if link.made:
        ambiguous = table.name == target.name
    else:
        targets = [key.target_table for key in document.table(link.table).foreign_keys]
        ambiguous = targets.count(table.name) > 1 or targets.count(target.name) > 1
    if ambiguous:
        arguments["primaryjoin"] = _join(table.class_name, link, link.local)
        arguments["secondaryjoin"] = _join(target.class_name, link, link.remote)
    if link.writable:
        arguments["passive_deletes"] = "True"
    else:
        # The session would insert rows of two keys and nothing else, and delete whole ones
        arguments["viewonly"] = "True"
    return arguments


def _join(class_name: str, link: RelationshipLinkPlan, side: LinkSidePlan) -> str:
    """How one side is joined to the link table."""
    if link.made:
        terms = [
            f"{class_name}.{target} == {link.symbol}.c{_member(column)}"
            for target, column in zip(side.target_attributes, side.columns, strict=True)
        ]
        return "lambda: " + (terms[0] if len(terms) == 1 else f"sa.and_({', '.join(terms)})")
    terms = [
        f"{class_name}.{target} == {link.symbol}.{attribute}"
        for target, attribute in zip(side.target_attributes, side.attributes, strict=True)
    ]
    return literal(terms[0] if len(terms) == 1 else f"and_({', '.join(terms)})")


def _member(column: str) -> str:
    plain = not (keyword.iskeyword(column) or column in _COLLECTION_NAMES or column.startswith("_"))
    return f".{column}" if plain else f"[{literal(column)}]"


def _overlaps(
    document: ResolvedDocument, names: SchemaNames
) -> dict[tuple[str, str], tuple[str, ...]]:
    """For each relationship, the earlier ones that write a column which it writes as well.

    SQLAlchemy warns of such pairs unless one of them says so. The two sides of one relationship
    are no such pair.
    """
    written: dict[tuple[str, str], list[tuple[str, ResolvedRelationship]]] = {}
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for table in document.tables:
        for relationship in table.relationships:
            others = set()
            for column in _written_columns(document, relationship, names):
                earlier = written.setdefault(column, [])
                for owner, other in earlier:
                    if not _are_sides(table.name, relationship, owner, other):
                        others.add(names.relationship_attributes[owner][other.name])
                earlier.append((table.name, relationship))
            found[table.name, relationship.name] = tuple(sorted(others))
    return found


def _written_columns(
    document: ResolvedDocument, relationship: ResolvedRelationship, names: SchemaNames
) -> list[tuple[str, str]]:
    link = relationship.link
    if link is not None:
        writable = _plan_link(document, link, names).writable
        keys = [link.local, link.remote] if writable else []
    else:
        keys = [relationship.foreign_key] if relationship.foreign_key else []
    return [(key.table, column) for key in keys for column in key.columns]


def _are_sides(
    table: str, one: ResolvedRelationship, other_table: str, other: ResolvedRelationship
) -> bool:
    return (
        one.target_table == other_table
        and other.target_table == table
        and one.back_populates == other.name
        and other.back_populates == one.name
    )
