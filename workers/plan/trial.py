"""What is tried on one table, and what the modules of its tests import."""

from __future__ import annotations

import re
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
class LinkTrial:
    """A many-to-many relationship, both sides of which can be made."""

    routes: LinkRoutes
    missing: tuple[str, ...]
    """Expressions: a key that no row of the other side has."""


@dataclass(frozen=True, slots=True)
class ReferenceTrial:
    """A foreign key that is sent with values that nothing has."""

    columns: tuple[str, ...]
    """Text."""
    values: tuple[tuple[str, str], ...]
    """Text and expression: what is sent, by column."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Everything that is tried on one table."""

    model: ModelPlan
    resource: Resource
    factory: FactoryPlan
    required: tuple[str, ...]
    """Text: columns without which no row can be made."""
    defaults: tuple[tuple[str, str], ...]
    """Text and expression: what the rest is when it is not sent."""
    misfits: tuple[tuple[str, str], ...]
    """Text and expression: values that a column can't hold."""
    broken_checks: tuple[tuple[str, str], ...]
    """Text and expression: values that a check of the table refuses."""
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
    sorted: tuple[str, ...]
    """Text: columns whose order can be told from what is on the wire."""
    uniques: tuple[tuple[str, ...], ...]
    """Text: columns that no two rows may share."""
    references: tuple[ReferenceTrial, ...]
    children: tuple[ChildTrial, ...]
    links: tuple[LinkTrial, ...]
    missing: tuple[str, ...]
    """Expressions: a key that no row has."""
    deletable: bool
    """Whether nothing stands in the way of deleting a new row."""

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
    def factory_imports(self) -> tuple[str, ...]:
        """Statements at the top of the factory's module."""
        statements = {"from httpx import AsyncClient"}
        sources = " ".join(source for _, source in self.factory.values)
        statements.add(_samples({"Json", "create", "url"} | _functions(sources)))
        if self.factory.numbered:
            statements.add("import itertools")
        for parent in self.factory.parents:
            if parent.target.table_name != self.model.table_name:
                stem = parent.target.function_stem
                module = f"tests.factories.{parent.target.module}"
                statements.add(f"from {module} import make_{stem}")
        return tuple(sorted(statements))

    @property
    def test_imports(self) -> tuple[str, ...]:
        """Statements at the top of the tests' module."""
        model = self.model
        stem = model.function_stem
        path = f"{stem}_path".upper()
        samples = {"items", "url"}
        if self.factory.obstacle:
            return self._imports_without_rows
        sources = [source for trial in self.references for _, source in trial.values]
        sources += self.missing
        sources += [source for link in self.links for source in link.missing]
        samples |= _functions(" ".join(sources))
        if self.references:
            samples.add("Json")
        if self.defaults:
            samples.add("create")
        if self.comparable and self.factory.capacity > 2:  # noqa: PLR2004  (three rows are sorted)
            samples.add("in_order")
        own = {path, f"body_of_{stem}", f"make_{stem}", f"url_of_{stem}"}
        statements = {
            "from httpx import AsyncClient",
            _samples(samples),
            f"from tests.factories.{model.module} import {', '.join(sorted(own))}",
        }
        for child in self.children:
            if child.child.table_name != model.table_name:
                other = child.child.function_stem
                module = f"tests.factories.{child.child.module}"
                statements.add(f"from {module} import make_{other}, url_of_{other}")
        for link in self.links:
            target = link.routes.target
            if target.table_name != model.table_name:
                module = f"tests.factories.{target.module}"
                statements.add(f"from {module} import make_{target.function_stem}")
        return tuple(sorted(statements))

    @property
    def _imports_without_rows(self) -> tuple[str, ...]:
        stem = self.model.function_stem
        names = {f"{stem}_path".upper(), f"body_of_{stem}"}
        return (
            "from httpx import AsyncClient",
            _samples({"items", "url"} | _functions(" ".join(self.missing))),
            f"from tests.factories.{self.model.module} import {', '.join(sorted(names))}",
        )


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


def _functions(source: str) -> set[str]:
    return set(re.findall(r"\b([a-z_]+)\(", source)) & SAMPLE_NAMES


def _samples(names: set[str]) -> str:
    return f"from tests.samples import {', '.join(sorted(names))}"
