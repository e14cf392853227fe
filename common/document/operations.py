"""Operations: their names, their types, their code, and what they speak of in the document."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from common.document import names
from common.document.draft import Draft
from common.document.examples import Required, required_columns, resolve_example, wanted_of
from common.document.gate import BodyError, Signature, Words, refuse_body
from common.document.gate.body import SUGGESTIONS
from common.document.gate.vocabulary import words_of
from common.document.gate.words import SESSION, taken_names
from common.document.keys import find_table
from common.document.models import Example, Operation
from common.document.pointers import pointer_to, shorten
from common.document.resolved import (
    ColumnType,
    ResolvedDocument,
    ResolvedExample,
    ResolvedMadeLink,
    ResolvedOperation,
    ValueType,
)
from common.document.sides import Pair
from common.document.value_types import TYPE_NAMES, UnknownTypeError, parse_value_type

HELD_BACK_FROM = 3
"""With fewer examples a model is shown all of them."""
IN_QUERIES = frozenset({"GET", "DELETE"})
"""Methods that take their input as parameters, for they have no body."""
MAX_CODE_IN_ALL = 200_000
"""Characters of all bodies together: a body of 20,000 takes 40 ms to check."""
_BODIES_WITH_SUGGESTIONS = 5
"""For these a name is looked for that was meant; among thousands that takes a while."""


@dataclass(slots=True)
class _Bodies:
    """What the bodies of a document may name, and how much was looked at."""

    words: Words
    characters: int = 0
    refused: int = 0


def resolve_operations(
    draft: Draft, pairs: Iterable[Pair], made: Iterable[ResolvedMadeLink]
) -> tuple[ResolvedOperation, ...]:
    """What the operations mean; what is wrong with them is noted."""
    if not draft.source.operations:
        return ()
    bodies = _Bodies(_words(draft, pairs, made))
    required = required_columns(draft)
    taken: set[str] = set()
    resolved = []
    for index, operation in enumerate(draft.source.operations):
        pointer = f"/operations/{index}"
        _check_name(draft, operation, pointer, taken)
        taken.add(returns_class(operation.name).lower())
        if operation.table is not None:
            find_table(draft, operation.table, f"{pointer}/table")
        resolved.append(_resolve(draft, operation, pointer, bodies, required))
    return tuple(resolved)


def signature_of(
    name: str, method: str, inputs: Iterable[str], *, returns: bool, asynchronous: bool
) -> Signature:
    """The function of an operation."""
    return Signature(
        name,
        tuple(inputs),
        returns_class(name) if returns else None,
        asynchronous,
        reads_only=method == "GET",
    )


def returns_class(name: str) -> str:
    """What the values that an operation returns are called in code: `PlaceOrderReturns`."""
    return _pascal(name) + "Returns"


def input_class(name: str) -> str:
    """What the input of an operation is called in code: `PlaceOrderInput`."""
    return _pascal(name) + "Input"


def _pascal(name: str) -> str:
    return "".join(word[0].upper() + word[1:] for word in name.split("_") if word)


def words_of_document(document: ResolvedDocument) -> Words:
    """What bodies of operations may name of a document."""
    return words_of(
        (table.class_name for table in document.tables),
        (
            (table.class_name, column.name)
            for table in document.tables
            for column in table.columns
            if column.type is ColumnType.ENUM
        ),
        (link.name for link in document.made_links),
        [
            *(column.name for table in document.tables for column in table.columns),
            *(side.name for table in document.tables for side in table.relationships),
            *(column.name for link in document.made_links for column in link.columns),
        ],
    )


def _words(draft: Draft, pairs: Iterable[Pair], made: Iterable[ResolvedMadeLink]) -> Words:
    tables = draft.tables.values()
    made = tuple(made)
    return words_of(
        (table.source.class_name for table in tables),
        (
            (table.source.class_name, column.name)
            for table in tables
            for column in table.columns.values()
            if column.type is ColumnType.ENUM
        ),
        (link.name for link in made),
        [
            *(column for table in tables for column in table.columns),
            *(side.name for pair in pairs for side in pair),
            *(column.name for link in made for column in link.columns),
        ],
    )


def _check_name(draft: Draft, operation: Operation, pointer: str, taken: set[str]) -> None:
    name = operation.name
    fault = names.attribute_fault(name)
    classes = {table.source.class_name for table in draft.tables.values()}
    made = {returns_class(name), input_class(name)}
    if fault is not None:
        draft.findings.fault(f"{pointer}/name", *fault)
    elif name in taken_names() or classes & {name, *made}:
        message = f"{shorten(name)!r} means something else in the code of operations."
        draft.findings.fault(f"{pointer}/name", "reserved_name", message)
    elif returns_class(name).lower() in taken:
        message = f"There is an operation like {shorten(name)!r} (case and `_` do not count)."
        draft.findings.fault(f"{pointer}/name", "duplicate_operation", message)


def _resolve(
    draft: Draft, operation: Operation, pointer: str, bodies: _Bodies, required: Required
) -> ResolvedOperation:
    inputs = _types(draft, operation.input, f"{pointer}/input")
    returns = _types(draft, operation.returns, f"{pointer}/returns")
    if operation.method in IN_QUERIES:
        for name, kind in inputs.items():
            if kind is not None and kind.type is ColumnType.JSON:
                draft.findings.fault(
                    f"{pointer}/input" + pointer_to((name,)),
                    "invalid_type",
                    f"A {operation.method} takes its input as parameters, which hold no JSON.",
                )
    if operation.body is not None and not draft.doubtful:
        _check_body(draft, operation, f"{pointer}/body", operation.body, bodies)
    held_back = _held_back(operation.examples)
    wanted = wanted_of(inputs, returns, required)
    examples = [
        resolve_example(
            draft,
            example,
            f"{pointer}/examples/{position}",
            wanted=wanted,
            held_back=position in held_back,
        )
        for position, example in enumerate(operation.examples)
    ]
    if not operation.examples:
        message = f"There is no example: nobody tries what {shorten(operation.name)} does."
        draft.findings.warn(pointer, "not_tried", message)
    return ResolvedOperation(
        name=operation.name,
        method=operation.method,
        description=operation.description,
        inputs=tuple((name, kind) for name, kind in inputs.items() if kind is not None),
        returns=tuple((name, kind) for name, kind in returns.items() if kind is not None),
        body=operation.body,
        examples=tuple(each for each in examples if isinstance(each, ResolvedExample)),
        pointer=pointer,
    )


def _types(draft: Draft, written: dict[str, str], pointer: str) -> dict[str, ValueType | None]:
    """The types by name; None for one that there is not, which is noted."""
    types: dict[str, ValueType | None] = {}
    lowered: set[str] = set()
    for name, text in written.items():
        place = pointer + pointer_to((name,))
        fault = names.attribute_fault(name)
        if fault is not None:
            draft.findings.fault(place, *fault)
        elif name == SESSION:
            message = "'session' is what the code of operations calls its session."
            draft.findings.fault(place, "reserved_name", message)
        elif name.lower() in lowered:
            message = f"There is a {shorten(name)!r} already (case does not count)."
            draft.findings.fault(place, "duplicate_name", message)
        lowered.add(name.lower())
        try:
            types[name] = parse_value_type(text)
        except UnknownTypeError as error:
            types[name] = None
            draft.findings.fault(
                place,
                "unknown_type",
                f"There is no type {shorten(text)!r}; there are {', '.join(TYPE_NAMES)}, with `[]`"
                " behind for a list and `?` for what may be null.",
                like=(error.name, TYPE_NAMES),
            )
    return types


def _check_body(
    draft: Draft, operation: Operation, pointer: str, code: str, bodies: _Bodies
) -> None:
    bodies.characters += len(code)
    if bodies.characters > MAX_CODE_IN_ALL:
        message = f"All bodies together may have {MAX_CODE_IN_ALL} characters, and have more."
        draft.findings.fault(pointer, "out_of_range", message)
        return
    signature = signature_of(
        operation.name,
        operation.method,
        operation.input,
        returns=bool(operation.returns),
        asynchronous=draft.source.options.database_api == "async",
    )
    suggestions = SUGGESTIONS if bodies.refused < _BODIES_WITH_SUGGESTIONS else 0
    try:
        refuse_body(code, signature, bodies.words, suggestions=suggestions)
    except BodyError as error:
        bodies.refused += 1
        for fault in error.faults:
            draft.findings.fault(pointer, "invalid_body", f"Code: {fault}", detail=str(fault))


def _held_back(examples: Iterable[Example]) -> set[int]:
    """Which examples a model is not shown: a third of them, by their hashes."""
    hashes = [_hash(example) for example in examples]
    count = len(hashes) // 3 if len(hashes) >= HELD_BACK_FROM else 0
    ranked = sorted(range(len(hashes)), key=lambda position: (hashes[position], position))
    return set(ranked[:count])


def _hash(example: Example) -> str:
    meaning = json.dumps(example.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(meaning.encode()).hexdigest()
