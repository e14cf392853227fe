"""What is tried on one table, and what the modules of its tests import."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from common.document.resolved import ColumnType
from workers.plan.factories import FactoryPlan
from workers.plan.ir import ForeignKeyPlan, ModelPlan
from workers.plan.resource import LinkRoutes, Resource


@dataclass(frozen=True, slots=True)
class ChildTrial:
    """What becomes of rows that refer to a row when that row is deleted."""

    child: ModelPlan
    key: ForeignKeyPlan
    effect: str
    """`refused`, `deleted` or `emptied`."""
    name: str
    """Name: part of the test's name, unique among those of the table."""

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Text: columns of the child, and those of the row that they refer to."""
        return tuple(zip(self.key.columns, self.key.target_columns, strict=True))


@dataclass(frozen=True, slots=True)
class ChoiceTrial:
    """A column that chooses from values, each of which has to do."""

    column: str
    """Text."""
    attribute: str
    """Name."""
    values: tuple[str, ...]
    """Text."""


@dataclass(frozen=True, slots=True)
class RelationTrial:
    """A relationship along a foreign key of the table, walked from both ends."""

    attribute: str
    """Name."""
    back_populates: str
    """Name: the attribute on the other side."""
    target: ModelPlan
    pairs: tuple[tuple[str, str], ...]
    """Text: columns of the table, and those of the target that they refer to."""


@dataclass(frozen=True, slots=True)
class LinkTrial:
    """A many-to-many relationship, both sides of which can be made."""

    routes: LinkRoutes
    back_populates: str
    """Name: the attribute on the other side."""
    missing: tuple[str, ...]
    """Expressions: a key that no row of the other side has."""
    link_model: ModelPlan | None
    """Whose rows are the links; None where they are no rows with routes of their own."""
    made_of: tuple[tuple[str, str], ...]
    """Text and expression: how a row of that model comes to link `row` and `other`."""
    held: bool
    """Whether the other side can't be deleted while it is linked."""


@dataclass(frozen=True, slots=True)
class ReferenceParent:
    """A row that another one is told to refer to."""

    target: ModelPlan
    pairs: tuple[tuple[str, str], ...]
    """Text: columns of the table, and those of the target that they refer to."""


@dataclass(frozen=True, slots=True)
class OptionalTrial:
    """References that are taken from a row and given back."""

    parents: tuple[ReferenceParent, ...]
    equal: tuple[tuple[str, str], ...]
    """Names and text: parameters of lists, and the columns that they filter by."""
    emptiable: tuple[str, ...]
    """Text: columns to ask of whether they are null."""


@dataclass(frozen=True, slots=True)
class HiddenTrial:
    """A foreign key that is sent with the values of a row that is hidden."""

    name: str
    """Name: part of the test's name."""
    parent: ReferenceParent
    restored: bool
    """Whether rows that refer by it can be hidden, too, and are then asked back."""


@dataclass(frozen=True, slots=True)
class UniqueTrial:
    """Columns that no two rows may share, some of which are null in a usual row."""

    columns: tuple[str, ...]
    """Text."""
    name: str
    """Name: part of the test's name."""
    parents: tuple[ReferenceParent, ...]


@dataclass(frozen=True, slots=True)
class ReferenceTrial:
    """A foreign key that is sent with values that nothing has."""

    columns: tuple[str, ...]
    """Text."""
    values: tuple[tuple[str, str], ...]
    """Text and expression: what is sent, by column."""
    deferred: bool
    """Whether the database only looks at it when a transaction ends."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Everything that is tried on one table."""

    model: ModelPlan
    resource: Resource
    factory: FactoryPlan
    example: dict[str, object] | None
    """JSON: what the first row can be made of; None where there can be none."""
    required: tuple[str, ...]
    """Text: columns without which no row can be made."""
    defaults: tuple[tuple[str, str], ...]
    """Text and expression: what the rest is when it is not sent."""
    misfits: tuple[tuple[str, str], ...]
    """Text and expression: values that a column can't hold."""
    choices: tuple[ChoiceTrial, ...]
    broken_checks: tuple[tuple[tuple[str, str], ...], ...]
    """Text and expression, by column: values that a check of the table refuses."""
    never_null: tuple[str, ...]
    """Text: columns that may change, but not to null."""
    changeable: tuple[str, ...]
    """Text: columns that may each change alone."""
    equal: tuple[str, ...]
    """Text: columns to filter by."""
    shadowed: tuple[str, ...]
    """Names: columns to filter by that are called like a parameter that every list has."""
    ranged: tuple[str, ...]
    """Text: columns that rise from row to row, to filter by their bounds."""
    contained: tuple[str, ...]
    """Text: columns to search for a part of."""
    emptiable: tuple[str, ...]
    """Text: columns that are filled but need not be."""
    optional: OptionalTrial | None
    sorted: tuple[str, ...]
    """Text: columns whose order can be told from what is on the wire."""
    uniques: tuple[tuple[str, ...], ...]
    """Text: columns that no two rows may share, with the rest of keys that these are parts of."""
    open_uniques: tuple[UniqueTrial, ...]
    references: tuple[ReferenceTrial, ...]
    relations: tuple[RelationTrial, ...]
    hidden: tuple[HiddenTrial, ...]
    children: tuple[ChildTrial, ...]
    links: tuple[LinkTrial, ...]
    missing: tuple[str, ...]
    """Expressions: a key that no row has."""
    deletable: bool
    """Whether nothing stands in the way of deleting a new row."""

    @property
    def deferred(self) -> bool:
        """Whether a row without a place to refer to is refused only when a transaction ends."""
        return any(key.deferred for key in self.model.foreign_keys)

    @property
    def patched_unique(self) -> tuple[str, ...]:
        """Text: unique columns that a change could make the same as those of another row."""
        if self.resource.update and self.factory.capacity > 1:
            for names in self.uniques:
                if set(names) <= set(self.changeable):
                    return names
        return ()

    @property
    def bounded_json(self) -> tuple[str, ...]:
        """Text: JSON columns that may be sent."""
        names = self.factory.names
        return tuple(name for name in names if self.model.column(name).type is ColumnType.JSON)

    @property
    def changeable_json(self) -> tuple[str, ...]:
        """Text: JSON columns that may each change alone."""
        return tuple(
            name for name in self.changeable if self.model.column(name).type is ColumnType.JSON
        )

    @property
    def stamps(self) -> tuple[str, ...]:
        """Text: moments that are set when a row is made."""
        return tuple(
            column.name
            for column in self.model.columns
            if column.generated and column.type is ColumnType.DATETIME and not column.nullable
        )

    @property
    def touched(self) -> bool:
        """Whether each change shows in `updated_at`."""
        return any(
            column.name == "updated_at" and column.on_update for column in self.model.columns
        )

    @property
    def comparable(self) -> tuple[str, ...]:
        """Text: columns that are in the same order on the wire as in the database."""
        apart = {ColumnType.NUMERIC, ColumnType.INTERVAL, ColumnType.ENUM}
        return tuple(name for name in self.sorted if self.model.column(name).type not in apart)

    @property
    def reversible(self) -> tuple[str, ...]:
        """Text: the others that have an order, and one whose order is also turned around."""
        others = [name for name in self.sorted if name not in self.comparable]
        return (*self.comparable[:1], *others)

    @property
    def unchangeable(self) -> tuple[str, ...]:
        """Text: members that no change may have."""
        columns = self.model.columns
        fixed = [column.name for column in columns if column.primary_key or column.generated]
        return (*fixed, "no such column")

    @property
    def samples(self) -> set[str]:
        """Names: what it needs of `tests/samples.py`."""
        return self._samples_of_factory | self._samples_of_tests

    @property
    def _samples_of_factory(self) -> set[str]:
        return _functions(source for _, source in self.factory.values)

    @property
    def _samples_of_tests(self) -> set[str]:
        sources = [source for trial in self.references for _, source in trial.values]
        sources += [source for _, source in self.misfits]
        sources += [source for values in self.broken_checks for _, source in values]
        sources += self.missing
        sources += [source for link in self.links for source in link.missing]
        return _functions(sources)

    @property
    def factory_imports(self) -> tuple[str, ...]:
        """Statements at the top of the factory's module."""
        rows = {"Json", "add", "url", "url_safe"}
        if self.factory.numbered:
            rows.add("number_of")
        samples = self._samples_of_factory
        statements = {
            "from app import models",
            f"from app.schemas.{self.model.module} import {self.model.class_name}Create",
            _from("tests.rows", rows),
        }
        if samples:
            statements.add(_from("tests.samples", samples))
        if self.resource.nullable_defaults:
            statements.add("from app.core.rows import spelled_out")
        for parent in self.factory.parents:
            if parent.target.table_name != self.model.table_name:
                statements.add(_factory_of(parent.target, "make"))
        return tuple(sorted(statements))

    @property
    def test_imports(self) -> tuple[str, ...]:
        """Statements at the top of the tests' module: all that any test of it may need.

        What one does not need is taken out again when the project is laid out.
        """
        model = self.model
        statements = {
            "from app import models",
            "from httpx import AsyncClient",
            "from sqlalchemy import update",
            f"from app.schemas.{model.module} import {self.resource.query_class}",
            f"from tests.factories.{model.module} import {f'{model.function_stem}_path'.upper()}",
            _factory_of(model, "body", "make", "url"),
            _from(
                "tests.rows",
                _ROWS
                | ({"LONG_AGO"} if self.touched else set())
                | ({"erase"} if model.soft_delete else set()),
            ),
        }
        if samples := self._samples_of_tests:
            statements.add(_from("tests.samples", samples))
        statements |= {_factory_of(relation.target, "make") for relation in self.relations}
        statements |= {_factory_of(child.child, "make") for child in self.children}
        statements |= {_factory_of(one.parent.target, "make", "url") for one in self.hidden}
        statements |= {
            _factory_of(parent.target, "make")
            for unique in self.open_uniques
            for parent in unique.parents
        }
        if self.optional:
            statements |= {_factory_of(parent.target, "make") for parent in self.optional.parents}
        for link in self.links:
            statements.add(_factory_of(link.routes.target, "make", "url"))
            if link.link_model:
                statements.add(_factory_of(link.link_model, "make"))
        return tuple(sorted(statements))


_ROWS: Final = frozenset(
    {
        *("Json", "column_sorted", "faults", "in_order", "is_recent", "items", "listed"),
        *("related", "selected", "stored", "url", "url_safe"),
    }
)
"""What tests find in `tests/rows.py`."""
SAMPLE_NAMES: Final = frozenset(
    {
        "anything",
        "binary",
        "clock",
        "date",
        "days",
        "decimal",
        "moment",
        "short_text",
        "text",
        "uuid",
    }
)
"""What `tests/samples.py` makes values with."""


def _functions(sources: Iterable[str]) -> set[str]:
    called = {name for source in sources for name in re.findall(r"\b([a-z_]+)\(", source)}
    return called & SAMPLE_NAMES


def _factory_of(model: ModelPlan, *verbs: str) -> str:
    words = {"body": "body_of", "make": "make", "url": "url_of"}
    names = {f"{words[verb]}_{model.function_stem}" for verb in verbs}
    return _from(f"tests.factories.{model.module}", names)


def _from(module: str, names: Iterable[str]) -> str:
    return f"from {module} import {', '.join(sorted(names))}"
