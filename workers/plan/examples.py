"""Bodies that the API's description shows: the first row of each table, as its tests make it.

Where a row refers to others, these are the first rows of their tables, so that all examples can be
sent one after another, in the order in which tables are built.
"""

from __future__ import annotations

import uuid
from base64 import b64encode
from collections.abc import Mapping
from typing import Final

from common.document.resolved import ColumnType
from workers.plan.factories import FactoryPlan, required_keys
from workers.plan.ir import ColumnPlan, ModelPlan, Plan
from workers.plan.specimens import json_value, meets, usual_specimen
from workers.plan.trial import Trial

FIRST: Final = 1


def sending_order(plan: Plan, trials: Mapping[str, Trial]) -> tuple[ModelPlan, ...]:
    """The tables with an example, each after those that its example refers to."""
    ordered: dict[str, ModelPlan] = {}

    def add(model: ModelPlan) -> None:
        trial = trials[model.table_name]
        if trial.example is None or model.table_name in ordered:
            return
        for parent in trial.factory.parents:
            add(parent.target)
        ordered[model.table_name] = model

    for model in plan.models:
        add(model)
    return tuple(ordered.values())


def make_examples(
    plan: Plan, factories: Mapping[str, FactoryPlan]
) -> dict[str, dict[str, object] | None]:
    """The body of each table's first row, by the table's name.

    None where there can be no such row, or none can be shown.
    """
    made: dict[str, dict[str, object] | None] = {}

    def make(model: ModelPlan) -> dict[str, object] | None:
        if model.table_name not in made:
            parents = [make(parent.target) for parent in factories[model.table_name].parents]
            made[model.table_name] = None if None in parents else _body(model, plan, factories)
        return made[model.table_name]

    for model in plan.models:
        make(model)
    return made


def _body(
    model: ModelPlan, plan: Plan, factories: Mapping[str, FactoryPlan]
) -> dict[str, object] | None:
    factory = factories[model.table_name]
    if factory.obstacle:
        return None
    body = {name: _first(name, model, plan, factories) for name in factory.names}
    if any(value is None and model.column(name).has_default for name, value in body.items()):
        return None  # FastAPI leaves nulls out of what it shows: the default would be taken
    given = {name: value for name, value in body.items() if name not in factory.specimens}
    return body if meets(model.checks, factory.specimens, given) else None


def _first(name: str, model: ModelPlan, plan: Plan, factories: Mapping[str, FactoryPlan]) -> object:
    """What a column holds in the first row of its table."""
    factory = factories[model.table_name]
    column = model.column(name)
    if column.generated:
        return FIRST
    if name in factory.specimens:
        return _shown(factory.specimens[name].value(FIRST), column)
    for key in required_keys(model):
        for mine, theirs in zip(key.columns, key.target_columns, strict=True):
            if mine == name and (key.target_table, theirs) != (model.table_name, mine):
                return _first(theirs, plan.model(key.target_table), plan, factories)
    return None if column.nullable else _shown(usual_specimen(column).value(FIRST), column)


def _shown(value: object, column: ColumnPlan) -> object:
    """A specimen's value as it is on the wire, as `tests/samples.py` would write it."""
    match column.type:
        case ColumnType.INTERVAL:
            return f"P{value}D"
        case ColumnType.JSON:
            return {"number": FIRST, "list": [None, True, "text"]}
        case ColumnType.UUID:
            return str(uuid.UUID(str(value)))
        case ColumnType.LARGE_BINARY:
            length = min(column.length or 4, 4)
            mixed = FIRST ^ (0xFFEFFFEF >> 8 * (4 - length))
            return b64encode(mixed.to_bytes(length, "big")).decode()
        case _:
            return json_value(value, column)
