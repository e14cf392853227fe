"""What the project's own tests try on each table, and with which values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from common.document.conditions import columns_of, parse_condition
from common.document.resolved import ColumnType
from workers.literals import literal
from workers.plan.default_trials import defaults_on_create
from workers.plan.examples import make_examples
from workers.plan.factories import FactoryPlan, make_factories
from workers.plan.ir import ColumnPlan, ForeignKeyPlan, ModelPlan, Plan
from workers.plan.optional_references import can_be_given, is_query_word, optional_references
from workers.plan.resource import LinkRoutes, Resource
from workers.plan.route_names import in_path
from workers.plan.specimens import breaking_values, meets, usual_specimen
from workers.plan.trial import (
    ChildTrial,
    ChoiceTrial,
    HiddenTrial,
    LinkTrial,
    ReferenceParent,
    ReferenceTrial,
    RelationTrial,
    Trial,
    UniqueTrial,
)
from workers.plan.wire_types import RANGED, TEXTS, UNORDERED

_FEW_VALUES: Final = frozenset({ColumnType.BOOLEAN, ColumnType.ENUM})
_ROWS_TO_RESTORE: Final = 2
"""What the trial of a hidden reference makes at most beside the row that it wants back."""
_MISFITS: Final = {
    ColumnType.INTEGER: "2**31",
    ColumnType.BIG_INTEGER: "2**63",
    ColumnType.SMALL_INTEGER: "2**15",
    ColumnType.TEXT: '"\\x00"',
    ColumnType.BOOLEAN: '"yes"',
    ColumnType.FLOAT: '"NaN"',
    ColumnType.NUMERIC: '"1e40"',
    ColumnType.DATE: '"2024-02-30"',
    ColumnType.DATETIME: '"0001-01-01T00:00:00+14:00"',
    ColumnType.TIME: '"24:00:00"',
    ColumnType.INTERVAL: '"P1000000D"',
    ColumnType.ENUM: '"no such value"',
    ColumnType.UUID: '"no uuid"',
    ColumnType.LARGE_BINARY: '"no base64"',
    ColumnType.JSON: '["\\x00"]',
}


def make_trials(plan: Plan, resources: dict[str, Resource]) -> dict[str, Trial]:
    """The trial of each table, by the table's name."""
    factories = make_factories(plan)
    examples = make_examples(plan, factories)
    return {
        model.table_name: _trial(
            model,
            plan,
            resources[model.table_name],
            factories,
            examples[model.table_name],
        )
        for model in plan.models
    }


def _trial(
    model: ModelPlan,
    plan: Plan,
    resource: Resource,
    factories: dict[str, FactoryPlan],
    example: dict[str, object] | None,
) -> Trial:
    factory = factories[model.table_name]
    sent = [column for column in model.columns if column.name in factory.names]
    updatable = [column for column in sent if not column.primary_key]
    filled = [column for column in sent if dict(factory.values)[column.name] != "None"]
    ordered = [column for column in filled if column.type not in UNORDERED]
    tied = _tied(model) | factory.own
    nullable = _nullable_together(model, factory)
    parameters = {column.name for column in model.columns} | {c.attribute for c in model.columns}
    return Trial(
        model=model,
        resource=resource,
        factory=factory,
        example=example,
        required=tuple(column.name for column in sent if not column.optional_on_create),
        defaults=tuple(defaults_on_create(model, factory)),
        misfits=tuple(
            (column.name, _misfit(column)) for column in sent if not column.in_foreign_key
        ),
        choices=tuple(_choices(model, factory)),
        broken_checks=tuple(
            values
            for check in model.checks
            if (values := breaking_values(sent, check, factory.specimens)) is not None
        ),
        never_null=tuple(column.name for column in updatable if not column.nullable),
        changeable=tuple(column.name for column in updatable if column.name not in tied),
        equal=tuple(column.name for column in ordered if not is_query_word(column)),
        shadowed=tuple(
            column.name
            for column in ordered
            if is_query_word(column) and f"{column.name}__eq" not in parameters
        ),
        ranged=tuple(
            column.name
            for column in filled
            if column.type in RANGED
            and not column.in_foreign_key
            and not column.primary_key
            and factory.specimens[column.name].rising
            and not {f"{column.name}__gte", f"{column.name}__lte"} & parameters
        ),
        contained=tuple(
            column.name
            for column in filled
            if column.type in TEXTS
            and not column.in_foreign_key
            and column.name in factory.specimens
            and factory.specimens[column.name].period > 1
            and f"{column.name}__contains" not in parameters
        ),
        emptiable=tuple(
            column.name
            for column in filled
            if column.nullable
            and column.name in nullable
            and f"{column.name}__isnull" not in parameters
        ),
        optional=optional_references(model, plan, factories),
        sorted=tuple(column.name for column in ordered),
        uniques=tuple(_uniques(model, factory)),
        open_uniques=tuple(_open_uniques(model, plan, factories)),
        references=tuple(_references(model, plan, factory)),
        relations=tuple(_relations(model, plan, factories)),
        hidden=tuple(_hidden(model, plan, factories)),
        children=tuple(_children(model, plan, factories)),
        links=tuple(
            _link(link, model, plan, factories)
            for link in resource.links
            if factories[link.target.table_name].obstacle is None
            and (factory.capacity > 1 or link.target.table_name != model.table_name)
        ),
        missing=_missing(model),
        deletable=not any(
            key.target_table == model.table_name
            and not key.nullable
            and key.on_delete in _holding(plan)
            for key in model.foreign_keys
        ),
    )


def _choices(model: ModelPlan, factory: FactoryPlan) -> Iterator[ChoiceTrial]:
    """Enums whose values can each be in a row, and in as many rows as there are values."""
    keys = {column.name for column in model.primary_key}
    keys |= {name for unique in model.uniques for name in unique.columns}
    checked = {name for check in model.checks for name in columns_of(parse_condition(check.text))}
    for name in factory.specimens.keys() - keys - checked:
        column = model.column(name)
        if column.enum and len(column.enum.members) <= factory.capacity:
            values = tuple(member.value for member in column.enum.members)
            yield ChoiceTrial(name, column.attribute, values)


def _relations(
    model: ModelPlan, plan: Plan, factories: dict[str, FactoryPlan]
) -> Iterator[RelationTrial]:
    for relationship in model.relationships:
        key = relationship.foreign_key
        if key is None or not relationship.owns_key or factories[key.target_table].obstacle:
            continue
        if not factories[model.table_name].obstacle and can_be_given(
            model, key, factories[model.table_name]
        ):
            yield RelationTrial(
                relationship.attribute,
                relationship.back_populates,
                plan.model(key.target_table),
                tuple(zip(key.columns, key.target_columns, strict=True)),
            )


def _link(
    routes: LinkRoutes, model: ModelPlan, plan: Plan, factories: dict[str, FactoryPlan]
) -> LinkTrial:
    relationship = next(r for r in model.relationships if r.attribute == routes.attribute)
    link = routes.link
    link_model: ModelPlan | None = None
    made_of: tuple[tuple[str, str], ...] = ()
    if not link.made and not routes.writable and factories[link.table].obstacle is None:
        joined = plan.model(link.table)
        sides = {"row": link.local, "other": link.remote}
        keys = [
            key for key in joined.foreign_keys if key.columns in {s.columns for s in sides.values()}
        ]
        if all(can_be_given(joined, key, factories[link.table]) for key in keys):
            link_model = joined
            made_of = tuple(
                (mine, f"{variable}[{literal(theirs)}]")
                for variable, side in sides.items()
                for mine, theirs in zip(side.columns, side.target_columns, strict=True)
            )
    table = next(table for table in plan.build_order if table.table_name == link.table)
    return LinkTrial(
        routes,
        relationship.back_populates,
        _missing(routes.target),
        link_model,
        made_of,
        any(key.holds and key.columns == link.remote.columns for key in table.foreign_keys),
    )


def _holding(plan: Plan) -> set[str | None]:
    """What on delete keeps a row that refers to itself from being deleted."""
    return {"RESTRICT", None} if plan.database.db_type == "mysql" else {"RESTRICT"}


def _missing(model: ModelPlan) -> tuple[str, ...]:
    return tuple(
        in_path(column, usual_specimen(column).source("0")) for column in model.primary_key
    )


def _tied(model: ModelPlan) -> set[str]:
    """Columns that can't change alone: parts of several keys, or of checks on several columns."""
    tied: set[str] = set()
    for check in model.checks:
        names = set(columns_of(parse_condition(check.text)))
        if len(names) > 1:
            tied |= names
    for column in model.columns:
        keys = [key for key in model.foreign_keys if column.name in key.columns]
        if len(keys) > 1 or any(len(key.columns) > 1 for key in keys):
            tied.add(column.name)
    return tied


def _nullable_together(model: ModelPlan, factory: FactoryPlan) -> set[str]:
    """Columns that may all be null in one row, as far as checks allow."""
    emptied: dict[str, object] = {}
    for column in model.columns:
        tried = emptied | {column.name: None}
        if column.nullable and meets(model.checks, factory.specimens, tried):
            emptied = tried
    return set(emptied)


def _misfit(column: ColumnPlan) -> str:
    if column.type is ColumnType.STRING and column.length is not None:
        return f'"x" * {column.length + 1}'
    return _MISFITS[ColumnType.TEXT if column.type is ColumnType.STRING else column.type]


def _uniques(model: ModelPlan, factory: FactoryPlan) -> Iterator[tuple[str, ...]]:
    groups = [tuple(column.name for column in model.primary_key)]
    groups += [unique.columns for unique in model.uniques]
    values = dict(factory.values)
    for group in dict.fromkeys(groups):
        if all(values.get(name, "None") != "None" for name in group):
            yield _with_references(group, model, factory)


def _with_references(
    group: tuple[str, ...], model: ModelPlan, factory: FactoryPlan
) -> tuple[str, ...]:
    """Unique columns, and what has to be repeated with them for the row to refer to something."""
    names = set(group)
    before: set[str] = set()
    while names != before:
        before = set(names)
        for key in model.foreign_keys:
            own = factory.own.intersection(key.columns) and key.target_table == model.table_name
            if names.intersection(key.columns) or (own and names.intersection(key.target_columns)):
                names.update(key.columns)
    added = (column.name for column in model.columns if column.name in names - set(group))
    return (*group, *added)


def _open_uniques(
    model: ModelPlan, plan: Plan, factories: dict[str, FactoryPlan]
) -> Iterator[UniqueTrial]:
    """Unique columns that are null in rows as they are usually made, for want of parents."""
    factory = factories[model.table_name]
    values = dict(factory.values)
    keys = [
        key
        for key in model.foreign_keys
        if key.nullable
        and not factories[key.target_table].obstacle
        and can_be_given(model, key, factory)
    ]
    for unique in model.uniques:
        empty = {name for name in unique.columns if values.get(name, "None") == "None"}
        needed = [key for key in keys if empty & set(key.columns)]
        if empty and empty <= {name for key in needed for name in key.columns}:
            given = tuple(
                ReferenceParent(
                    plan.model(key.target_table),
                    tuple(zip(key.columns, key.target_columns, strict=True)),
                )
                for key in needed
            )
            yield UniqueTrial(unique.columns, "_and_".join(unique.attributes), given)


def _references(model: ModelPlan, plan: Plan, factory: FactoryPlan) -> Iterator[ReferenceTrial]:
    for key in model.foreign_keys:
        if key.deferred and factory.parents:
            continue  # to end the transaction, those would have to be there for good
        target = plan.model(key.target_table)
        pairs = [
            (mine, target.column(theirs))
            for mine, theirs in zip(key.columns, key.target_columns, strict=True)
        ]
        if any(model.column(mine).generated for mine in key.columns) or all(
            column.type in _FEW_VALUES for _, column in pairs
        ):
            continue
        yield ReferenceTrial(
            key.columns,
            tuple((mine, usual_specimen(column).source("0")) for mine, column in pairs),
            key.deferred,
        )


def _hidden(
    model: ModelPlan, plan: Plan, factories: dict[str, FactoryPlan]
) -> Iterator[HiddenTrial]:
    factory = factories[model.table_name]
    taken: set[str] = set()
    for key in model.foreign_keys:
        target = plan.model(key.target_table)
        name = "_and_".join(key.attributes).lower()
        if not target.soft_delete or factories[key.target_table].obstacle or factory.obstacle:
            continue
        if name not in taken and can_be_given(model, key, factory):
            taken.add(name)
            yield HiddenTrial(
                name,
                ReferenceParent(target, tuple(zip(key.columns, key.target_columns, strict=True))),
                restored=model.soft_delete and factory.capacity > _ROWS_TO_RESTORE,
            )


def _children(
    model: ModelPlan, plan: Plan, factories: dict[str, FactoryPlan]
) -> Iterator[ChildTrial]:
    taken: set[str] = set()
    for child in plan.models:
        for key in child.foreign_keys:
            if key.target_table != model.table_name or factories[child.table_name].obstacle:
                continue
            effect = _effect(child, key)
            if effect is None or not can_be_given(child, key, factories[child.table_name]):
                continue
            name = f"{child.module}_by_{'_and_'.join(key.attributes)}".lower()
            if name not in taken:
                taken.add(name)
                yield ChildTrial(child, key, effect, name)


def _effect(child: ModelPlan, key: ForeignKeyPlan) -> str | None:
    match key.on_delete:
        case None | "RESTRICT":
            return "refused"
        case "CASCADE":
            return "deleted"
        case "SET NULL" if all(child.column(name).nullable for name in key.columns):
            return "emptied"
        case _:
            return None
