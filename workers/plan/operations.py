"""Operations: their routes, their schemas, the function that a body fills, and their examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from common.document.gate import Body, Signature, Words
from common.document.operations import IN_QUERIES, input_class, returns_class
from workers.plan.schema_fields import SchemaField

_ALWAYS_REFUSES: Final = frozenset({409, 422})


@dataclass(frozen=True, slots=True)
class ValuePlan:
    """One value that an operation takes or returns."""

    name: str
    """Text and name: what the document, the wire and the function's parameter call it."""
    annotation: str
    """Expression: its type in the function."""
    field: SchemaField
    """The line of its schema."""
    types: frozenset[str]
    """Names: what that needs of `app/core/fields.py`."""


@dataclass(frozen=True, slots=True)
class RowPlan:
    """A row that is given."""

    class_name: str
    """Name: its model."""
    values: tuple[tuple[str, str], ...]
    """Names and expressions: its attributes."""


@dataclass(frozen=True, slots=True)
class RowsPlan:
    """All rows of a table, as they are expected."""

    class_name: str
    """Name: their model."""
    attributes: tuple[str, ...]
    """Names: what they are compared by."""
    rows: tuple[tuple[str, ...], ...]
    """Expressions."""


@dataclass(frozen=True, slots=True)
class ExamplePlan:
    """A test that calls the operation through the API."""

    number: int
    """Its place among the examples of the document, from 1."""
    given: tuple[RowPlan, ...]
    """Each after those that it may refer to."""
    call: tuple[tuple[str, object], ...]
    """Text and JSON values: the input."""
    status: int
    returns: tuple[tuple[str, str], ...]
    """Text and expressions: the values that are told."""
    then: tuple[RowsPlan, ...]
    held_back: bool
    """Whether no model is shown it."""
    told: Mapping[str, object]
    """Text: the example as the document has it, JSON values."""


@dataclass(frozen=True, slots=True)
class OperationPlan:
    """One operation: a route, and the hole that a body fills."""

    name: str
    """Name: of the function."""
    module: str
    """Name: its file in `app/operations` and (`test_…`) `tests/operations`."""
    route_function: str
    """Name: of the route's function."""
    method: str
    """Text: `POST`."""
    path: str
    """Text: `/place_order`, behind the path of all operations."""
    description: str
    """Text."""
    inputs: tuple[ValuePlan, ...]
    returns: tuple[ValuePlan, ...]
    examples: tuple[ExamplePlan, ...]
    pointer: str
    """Text: where it stands in the document."""
    body: str | None
    """Code of the caller's own, as it was sent."""
    signature: Signature
    words: Words
    imports: Mapping[str, str]
    """By what bodies call it: the name in `app.models`."""

    @property
    def input_class(self) -> str:
        """Name: the schema of what it takes."""
        return input_class(self.name)

    @property
    def returns_class(self) -> str:
        """Name: the schema of what it returns."""
        return returns_class(self.name)

    @property
    def in_query(self) -> bool:
        """Whether it takes its input as parameters."""
        return self.method in IN_QUERIES

    @property
    def status(self) -> int:
        """What it answers with where nothing goes wrong."""
        return 200 if self.returns else 204

    def without_held_back(self) -> tuple[ExamplePlan, ...]:
        """The examples that a model may be shown."""
        return tuple(example for example in self.examples if not example.held_back)

    def held_back(self) -> tuple[ExamplePlan, ...]:
        """The examples that no model is shown."""
        return tuple(example for example in self.examples if example.held_back)


@dataclass(frozen=True, slots=True)
class Implementation:
    """What fills the hole of an operation."""

    body: Body
    written_by: str
    """Text: `the caller`, or the provider, the model and the prompt."""
    provider: str | None = None
    """Text: whose model wrote it; None where none did."""
    model: str | None = None
    """Text."""
    prompt: str | None = None
    """Text: name and version of the instructions."""


@dataclass(frozen=True, slots=True)
class Hole:
    """An operation beside what fills it, as templates see the two."""

    plan: OperationPlan
    filled_by: Implementation | None
    """None for a stub, which answers 501."""

    @property
    def imports(self) -> tuple[str, ...]:
        """Statements: what the body needs."""
        if self.filled_by is None:
            return ()
        known = self.plan.imports
        models = [
            f"{known[word]}" if known[word] == word else f"{known[word]} as {word}"
            for word in self.filled_by.body.models
            if word in known
        ]
        own = [f"from app.models import {', '.join(models)}"] if models else []
        return (*own, *self.filled_by.body.imports)

    @property
    def refusals(self) -> tuple[int, ...]:
        """The statuses that its route describes."""
        if self.filled_by is None:
            return (422, 501)
        unreadable = set() if self.plan.in_query or not self.plan.inputs else {400, 413}
        return tuple(sorted(_ALWAYS_REFUSES | unreadable | set(self.filled_by.body.statuses)))
