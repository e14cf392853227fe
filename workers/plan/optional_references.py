"""The references that a row may have or lack, as the project's own tests give and take them."""

from __future__ import annotations

from collections.abc import Mapping

from common.document.conditions import columns_of, parse_condition
from workers.plan.factories import FactoryPlan
from workers.plan.ir import ColumnPlan, ForeignKeyPlan, ModelPlan, Plan
from workers.plan.trial import OptionalTrial, ReferenceParent
from workers.plan.wire_types import QUERY_WORDS, UNORDERED


def optional_references(
    model: ModelPlan, plan: Plan, factories: Mapping[str, FactoryPlan]
) -> OptionalTrial | None:
    """The trial of all nullable foreign keys that can be given in one row; None without any.

    Keys to the same table refer to the same row, so that one has to be made for each table.
    """
    factory = factories[model.table_name]
    if factory.obstacle is not None:
        return None
    by_target: dict[str, list[tuple[str, str]]] = {}
    for key in model.foreign_keys:
        targets = {model.table_name, *by_target, key.target_table}
        if _is_optional(model, key, factories) and all(
            # as many rows of each as there are calls of factories, which may make it on the way
            factories[target].capacity > len(by_target.keys() | {key.target_table})
            for target in targets
        ):
            pairs = zip(key.columns, key.target_columns, strict=True)
            by_target.setdefault(key.target_table, []).extend(pairs)
    if not by_target:
        return None
    columns = [model.column(mine) for pairs in by_target.values() for mine, _ in pairs]
    parameters = {column.name for column in model.columns} | {c.attribute for c in model.columns}
    equal = ((f"{c.name}__eq" if is_query_word(c) else c.name, c) for c in columns)
    return OptionalTrial(
        parents=tuple(
            ReferenceParent(plan.model(target), tuple(pairs)) for target, pairs in by_target.items()
        ),
        equal=tuple(
            (parameter, column.name)
            for parameter, column in equal
            if parameter == column.name or parameter not in parameters
        ),
        emptiable=tuple(c.name for c in columns if f"{c.name}__isnull" not in parameters),
    )


def _is_optional(
    model: ModelPlan, key: ForeignKeyPlan, factories: Mapping[str, FactoryPlan]
) -> bool:
    """Whether the whole of a key can be null, or refer to a row that was made for it."""
    target = factories[key.target_table]
    filled = dict(target.values)
    return (
        all(
            column.nullable and not column.primary_key and column.type not in UNORDERED
            for column in map(model.column, key.columns)
        )
        and target.obstacle is None
        and all(
            target.model.column(name).generated or filled.get(name, "None") != "None"
            for name in key.target_columns
        )
        and can_be_given(model, key, factories[model.table_name])
    )


def can_be_given(child: ModelPlan, key: ForeignKeyPlan, factory: FactoryPlan) -> bool:
    """Whether a child can be told to refer to a certain row without upsetting anything else."""
    others = {name for other in child.foreign_keys if other != key for name in other.columns}
    checked = {name for check in child.checks for name in columns_of(parse_condition(check.text))}
    itself = key.target_table == child.table_name
    return not (
        set(key.columns) & (others | checked)
        or any(child.column(name).generated for name in key.columns)
        or (itself and (not key.nullable or factory.capacity <= 1))
    )


def is_query_word(column: ColumnPlan) -> bool:
    """Whether every list has a parameter of that name, so that the column's gets another."""
    return column.name in QUERY_WORDS or column.attribute in QUERY_WORDS
