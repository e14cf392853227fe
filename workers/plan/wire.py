"""How models look from outside: the resource of each table, made from the plan."""

from __future__ import annotations

from dataclasses import replace

from common.document import names
from workers.plan.ir import ModelPlan, Plan, RelationshipPlan
from workers.plan.resource import LinkRoutes, Resource
from workers.plan.route_names import (
    KeyParameter,
    free_name,
    key_expression,
    key_parameter,
    key_parameters,
    key_path,
    model_symbol,
    query_class,
    row_variable,
)
from workers.plan.schema_fields import create_field, query_fields, read_field, update_field
from workers.plan.wire_types import UNORDERED


def make_resources(plan: Plan) -> dict[str, Resource]:
    """The resource of each table, by the table's name."""
    return {model.table_name: _resource(model, plan) for model in plan.models}


def _resource(model: ModelPlan, plan: Plan) -> Resource:
    database = plan.database
    columns = [column for column in model.columns if not column.generated]
    taken = {name for column in model.columns for name in (column.attribute, column.name)}
    key = tuple(key_parameter(model, column) for column in model.primary_key)
    return Resource(
        model=model,
        symbol=model_symbol(model.class_name, plan),
        variable=row_variable(model),
        words=names.plural(model.table_name.strip("_")).replace("_", " "),
        create=tuple(create_field(column, database) for column in columns),
        update=tuple(
            update_field(column, database) for column in columns if not column.primary_key
        ),
        read=tuple(read_field(column) for column in model.columns),
        query=tuple(field for column in model.columns for field in query_fields(column, taken)),
        sortable=tuple(
            column.name
            for column in model.columns
            if column.primary_key or column.type not in UNORDERED
        ),
        key=key,
        links=tuple(
            link_routes(model, key, relationship, plan)
            for relationship in model.relationships
            if relationship.link is not None
        ),
        held=model.soft_delete
        and any(
            key.holds and key.target_table == model.table_name
            for table in plan.build_order
            for key in table.foreign_keys
        ),
        rechecked=model.soft_delete
        and any(plan.model(key.target_table).soft_delete for key in model.foreign_keys),
    )


def link_routes(
    model: ModelPlan,
    key: tuple[KeyParameter, ...],
    relationship: RelationshipPlan,
    plan: Plan,
) -> LinkRoutes:
    """A many-to-many relationship as a sub-resource of `model`."""
    link = relationship.link
    assert link is not None  # noqa: S101  (only asked for many-to-many)
    target = plan.model(relationship.target_table)
    own = {parameter.name for parameter in key}
    other_key = tuple(
        replace(parameter, name=free_name(parameter.name, own))
        for parameter in (key_parameter(target, column) for column in target.primary_key)
    )
    suffix = f"/{relationship.wire_name.replace('_', '-').lower()}"
    path = key_path(key) + suffix
    variable = row_variable(target)
    one = names.singular(relationship.attribute)
    twins = [names.singular(other.attribute) for other in model.relationships if other.link]
    return LinkRoutes(
        attribute=relationship.attribute,
        one=one if twins.count(one) == 1 else relationship.attribute,
        words=relationship.wire_name.replace("_", " "),
        path=path,
        item_path=path + key_path(other_key),
        suffix=suffix,
        parameters=key_parameters(other_key),
        key_expression=key_expression(other_key),
        key=other_key,
        variable=free_name(
            variable, own | {row_variable(model)} | {part.name for part in other_key}
        ),
        target=target,
        target_query=query_class(target),
        target_symbol=model_symbol(target.class_name, plan),
        link=link,
        link_symbol=model_symbol(link.symbol, plan),
        writable=link.writable,
    )
