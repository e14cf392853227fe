"""From the operations of a document to their plans."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from common.document.gate import Words
from common.document.gate.words import model_word
from common.document.operations import IN_QUERIES, signature_of, words_of_document
from common.document.resolved import (
    ColumnType,
    ResolvedDocument,
    ResolvedExample,
    ResolvedOperation,
    ResolvedRow,
    ValueType,
)
from workers import naming
from workers.literals import literal
from workers.plan.columns import PYTHON_TYPES
from workers.plan.defaults import typed_value
from workers.plan.ir import EnumPlan, LinkPlan, ModelPlan
from workers.plan.operations import ExamplePlan, OperationPlan, RowPlan, RowsPlan, ValuePlan
from workers.plan.schema_fields import MAX_TEXT_LENGTH, SchemaField
from workers.plan.wire_types import ALIASES, TEXTS

MAX_ITEMS: Final = 1_000
"""Of a list that is taken in."""
_SHOWN_AS: Final = {ColumnType.INTERVAL: "Duration", ColumnType.NUMERIC: "PlainDecimal"}
_TYPED: Final = frozenset(
    {
        *(ColumnType.DATE, ColumnType.DATETIME, ColumnType.INTERVAL, ColumnType.TIME),
        ColumnType.UUID,
    }
)
_ROUTE_NAMES: Final = frozenset(
    {"operations", "refuses", "router", "APIRouter", "Annotated", "Query", "SessionDep"}
)

Tables = Mapping[str, ModelPlan | LinkPlan]


def plan_operations(
    document: ResolvedDocument, tables: Tables, enums: Iterable[EnumPlan]
) -> tuple[OperationPlan, ...]:
    """All operations, in the order of their modules' names."""
    words = words_of_document(document) if document.operations else Words(frozenset(), frozenset())
    imports = {enum.class_name: enum.class_name for enum in enums}
    for table in tables.values():
        if isinstance(table, LinkPlan):
            imports[table.table_name] = table.symbol
        else:
            imports[model_word(table.class_name)] = table.class_name
    planned: dict[str, OperationPlan] = {}
    for operation in document.operations:
        module = naming.module_name(operation.name, planned)
        planned[module] = _plan(operation, module, document, tables, words=words, imports=imports)
    return tuple(sorted(planned.values(), key=lambda one: one.module))


def _plan(
    operation: ResolvedOperation,
    module: str,
    document: ResolvedDocument,
    tables: Tables,
    *,
    words: Words,
    imports: Mapping[str, str],
) -> OperationPlan:
    name = operation.name
    in_query = operation.method in IN_QUERIES
    inputs: list[ValuePlan] = []
    returns: list[ValuePlan] = []
    for values, source in ((inputs, operation.inputs), (returns, operation.returns)):
        taken: set[str] = set()
        for value_name, kind in source:
            attribute = naming.attribute_name(value_name, taken)
            taken.add(attribute)
            takes = values is inputs
            values.append(_value(value_name, attribute, kind, takes=takes, in_query=in_query))
    hidden = name in _ROUTE_NAMES or name.endswith(("Input", "Returns"))
    return OperationPlan(
        name=name,
        module=module,
        route_function=f"{name}_route" if hidden else name,
        method=operation.method,
        path=f"/{name}",
        description=operation.description,
        inputs=tuple(inputs),
        returns=tuple(returns),
        examples=tuple(
            _example(example, number, operation, document, tables)
            for number, example in enumerate(operation.examples, 1)
        ),
        pointer=operation.pointer,
        body=operation.body,
        signature=signature_of(
            name,
            operation.method,
            (value_name for value_name, _ in operation.inputs),
            returns=bool(returns),
            asynchronous=document.options.database_api == "async",
        ),
        words=words,
        imports=imports,
    )


def _value(name: str, attribute: str, kind: ValueType, *, takes: bool, in_query: bool) -> ValuePlan:
    on_wire = _on_wire(kind, takes=takes, in_query=in_query)
    annotation, written = PYTHON_TYPES[kind.type], on_wire
    arguments = ["default=None"] if takes and kind.nullable else []
    if in_query and takes and kind.many and not kind.nullable:
        arguments = ["default_factory=list"]  # parameters can't say that a list is empty
    if attribute != name:
        arguments.append(f"alias={name!r}")
    longest = f"max_length={MAX_TEXT_LENGTH:_}" if takes and kind.type in TEXTS else None
    if kind.many:
        inside = f"Annotated[{on_wire}, Field({longest})]" if longest else on_wire
        annotation, written = f"list[{annotation}]", f"list[{inside}]"
        longest = f"max_length={MAX_ITEMS:_}" if takes else None
    if longest:
        arguments.append(longest)
    if kind.nullable:
        annotation = annotation if annotation == "Any" else f"{annotation} | None"
        written = f"{written} | None"
    assignment = f"Field({', '.join(arguments)})" if arguments else None
    return ValuePlan(
        name=name,
        annotation=annotation,
        field=SchemaField(
            attribute, written, "None" if arguments == ["default=None"] else assignment
        ),
        types=frozenset({on_wire}),
    )


def _on_wire(kind: ValueType, *, takes: bool, in_query: bool) -> str:
    """The type of a value in `app/core/fields.py`."""
    if not takes:
        return _SHOWN_AS.get(kind.type, ALIASES[kind.type])
    if in_query and kind.type is ColumnType.DATETIME:
        return "Moment"
    return ALIASES[kind.type]


def _example(
    example: ResolvedExample,
    number: int,
    operation: ResolvedOperation,
    document: ResolvedDocument,
    tables: Tables,
) -> ExamplePlan:
    order = {name: place for place, name in enumerate(document.build_order)}
    given = sorted(example.given, key=lambda row: order[row.table])
    inputs, returns = dict(operation.inputs), dict(operation.returns)
    in_query = operation.method in IN_QUERIES
    return ExamplePlan(
        number=number,
        given=tuple(_row(row, tables) for row in given),
        call=tuple(
            (name, value)
            for name, value in example.call
            if name in inputs and not (in_query and value is None)
        ),
        status=example.status or (200 if returns else 204),
        returns=tuple((name, _expected(value, returns[name])) for name, value in example.returns),
        then=tuple(_rows(table, rows, document, tables) for table, rows in example.then),
        held_back=example.held_back,
        told=_told(example),
    )


def _told(example: ResolvedExample) -> dict[str, object]:
    """The example as it was sent, or nearly so."""
    given: dict[str, list[dict[str, object]]] = {}
    for row in example.given:
        given.setdefault(row.table, []).append(dict(row.values))
    expect = {"returns": dict(example.returns)} if example.status is None else {}
    return {
        "given": given,
        "call": dict(example.call),
        "expect": expect or {"status": example.status},
        "then": {table: [dict(row.values) for row in rows] for table, rows in example.then},
    }


def _row(row: ResolvedRow, tables: Tables) -> RowPlan:
    model = _model(row.table, tables)
    values = [(model.column(name), value) for name, value in row.values]
    return RowPlan(
        model.class_name,
        tuple(
            (column.attribute, _source(value, column.type, column.enum)) for column, value in values
        ),
    )


def _rows(
    table: str, rows: tuple[ResolvedRow, ...], document: ResolvedDocument, tables: Tables
) -> RowsPlan:
    model = _model(table, tables)
    names = [name for name, _ in rows[0].values] if rows else []
    names = names or [column.name for column in document.table(table).primary_key]
    columns = [model.column(name) for name in names]
    return RowsPlan(
        model.class_name,
        tuple(column.attribute for column in columns),
        tuple(
            tuple(
                _source(dict(row.values)[column.name], column.type, column.enum, about=True)
                for column in columns
            )
            for row in rows
        ),
    )


def _model(table: str, tables: Tables) -> ModelPlan:
    model = tables[table]
    assert isinstance(model, ModelPlan)  # noqa: S101  (examples know declared tables alone)
    return model


def _expected(value: object, kind: ValueType) -> str:
    if kind.many and isinstance(value, list):
        return f"[{', '.join(_source(item, kind.type, None, about=True) for item in value)}]"
    return _source(value, kind.type, None, about=True)


def _source(value: object, kind: ColumnType, enum: EnumPlan | None, *, about: bool = False) -> str:
    """Python source of a JSON value; `about` allows for how floats are rounded."""
    if value is not None and enum is not None:
        member = next(member for member in enum.members if member.value == value)
        return f"models.{enum.class_name}.{member.name}"
    source = literal(None if value is None else _typed(value, kind))
    is_rounded = about and value is not None and kind is ColumnType.FLOAT
    return f"pytest.approx({source})" if is_rounded else source


def _typed(value: object, kind: ColumnType) -> object:
    if kind in _TYPED:
        return typed_value(kind, value)
    if kind is ColumnType.NUMERIC:
        return Decimal(str(value))
    if kind is ColumnType.LARGE_BINARY:
        return base64.b64decode(str(value))
    return value
