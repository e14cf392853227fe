"""How the project's own tests make rows: which rows have to be there first, and what they hold."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from workers.literals import literal
from workers.plan.ir import ColumnPlan, ForeignKeyPlan, ModelPlan, Plan
from workers.plan.specimens import ENDLESS, Specimen, specimens, usual_specimen

_TAKEN = frozenset(
    {
        *("add", "body", "given", "models", "number", "number_of", "row", "self", "session"),
        *("spelled_out", "url", "values"),
    }
)


@dataclass(frozen=True, slots=True)
class ParentPlan:
    """A row of another table that has to be made before."""

    variable: str
    """Name: of the row."""
    target: ModelPlan
    given: tuple[tuple[str, str], ...]
    """Text and expression: columns of the row that are settled already."""


@dataclass(frozen=True, slots=True)
class FactoryPlan:
    """How rows of one table are made."""

    model: ModelPlan
    obstacle: str | None
    """Text: why no row can be made; None where rows can."""
    parents: tuple[ParentPlan, ...]
    values: tuple[tuple[str, str], ...]
    """Text and expression: what a new row is made of, by column."""
    own: frozenset[str]
    """Text: columns by which a new row refers to itself."""
    numbered: bool
    """Whether any of the values depends on the row's number."""
    capacity: int
    """How many different rows there can be, each with parents of its own, as far as unique columns
    tell."""
    specimens: Mapping[str, Specimen]
    """By column, of those that hold a value of their own."""

    @property
    def names(self) -> tuple[str, ...]:
        """Text: the columns of a new row."""
        return tuple(name for name, _ in self.values)


def make_factories(plan: Plan) -> dict[str, FactoryPlan]:
    """The factory of each table, by the table's name."""
    fillable = _fillable(plan.models)
    factories = {model.table_name: _factory(model, plan, fillable) for model in plan.models}
    made = _made(factories)
    return {
        name: replace(
            factory,
            capacity=max(1, min(factories[t].capacity // n for t, n in made[name].items())),
        )
        for name, factory in factories.items()
    }


def _made(factories: Mapping[str, FactoryPlan]) -> dict[str, Counter[str]]:
    """By table: how many rows of which tables one call of its factory makes, its own included."""
    made: dict[str, Counter[str]] = {}

    def count(name: str) -> Counter[str]:
        if name not in made:
            total = Counter({name: 1})
            for parent in factories[name].parents:
                total.update(count(parent.target.table_name))
            made[name] = total
        return made[name]

    for name in factories:
        count(name)
    return made


def unfillable(plan: Plan) -> tuple[str, ...]:
    """Tables of which no row can be made by requests that make one row each."""
    fillable = _fillable(plan.models)
    return tuple(m.table_name for m in plan.models if m.table_name not in fillable)


def required_keys(model: ModelPlan) -> tuple[ForeignKeyPlan, ...]:
    """The foreign keys that a row has to fill, those of most columns first."""
    keys = [key for key in model.foreign_keys if not key.nullable]
    return tuple(sorted(keys, key=lambda key: (-len(key.columns), key.columns)))


def _refers_to_itself(model: ModelPlan, key: ForeignKeyPlan) -> bool:
    """Whether a row can fill `key` by referring to itself: all that it refers to is sent."""
    return key.target_table == model.table_name and not any(
        model.column(name).generated for name in key.target_columns
    )


def _fillable(models: Iterable[ModelPlan]) -> frozenset[str]:
    """Tables of which a row can be made one statement at a time."""
    waiting = {model.table_name: model for model in models}
    done: set[str] = set()
    while True:
        ready = {
            name
            for name, model in waiting.items()
            if all(
                key.target_table in done or _refers_to_itself(model, key)
                for key in required_keys(model)
            )
        }
        if not ready:
            return frozenset(done)
        done |= ready
        for name in ready:
            del waiting[name]


def _factory(model: ModelPlan, plan: Plan, fillable: frozenset[str]) -> FactoryPlan:
    columns = [column for column in model.columns if not column.generated]
    chosen = specimens(columns, model.checks)
    own_keys = [key for key in required_keys(model) if _refers_to_itself(model, key)]
    own = {mine for key in own_keys for mine in key.columns}
    obstacle = None if model.table_name in fillable else _obstacle(model, fillable)
    parents, values = ((), _nobody(model, plan)) if obstacle else _parents(model, plan, own_keys)
    free: dict[str, Specimen] = {}
    for column in columns:
        if column.name in values or column.name in own:
            continue
        if not column.in_foreign_key or not column.nullable:
            # Not null and of no key that has to be filled: the rest of its keys is null
            free[column.name] = chosen[column.name]
            values[column.name] = chosen[column.name].source("number")
        elif column.has_default:
            values[column.name] = "None"  # the default may refer to something that is not there
    for key in own_keys:
        for mine, theirs in zip(key.columns, key.target_columns, strict=True):
            values.setdefault(mine, values.get(theirs) or chosen[theirs].source("number"))
    listed = tuple((c.name, values[c.name]) for c in columns if c.name in values)
    return FactoryPlan(
        model=model,
        obstacle=obstacle,
        parents=parents,
        values=listed,
        own=frozenset(own),
        numbered=any(re.search(r"\bnumber\b", source) for _, source in listed),
        capacity=_capacity(model, values, free),
        specimens=free,
    )


def _nobody(model: ModelPlan, plan: Plan) -> dict[str, str]:
    """References to rows that are not there, by column."""
    return {
        mine: usual_specimen(plan.model(key.target_table).column(theirs)).source("0")
        for key in required_keys(model)
        for mine, theirs in zip(key.columns, key.target_columns, strict=True)
    }


def _parents(
    model: ModelPlan, plan: Plan, own_keys: list[ForeignKeyPlan]
) -> tuple[tuple[ParentPlan, ...], dict[str, str]]:
    """The rows to be made before, and what the new one takes over from them by column."""
    values: dict[str, str] = {}
    parents: list[ParentPlan] = []
    for key in required_keys(model):
        if key in own_keys or all(column in values for column in key.columns):
            continue
        target = plan.model(key.target_table)
        pairs = list(zip(key.columns, key.target_columns, strict=True))
        given = [
            (theirs, values[mine])
            for mine, theirs in pairs
            if mine in values and not target.column(theirs).generated
        ]
        variable = _variable(key, target, {parent.variable for parent in parents})
        parents.append(ParentPlan(variable, target, tuple(given)))
        for mine, theirs in pairs:
            values.setdefault(mine, f"{variable}[{literal(theirs)}]")
    return tuple(parents), values


def _obstacle(model: ModelPlan, fillable: frozenset[str]) -> str:
    key = next(key for key in required_keys(model) if key.target_table not in fillable)
    return (
        f"A row has to refer to {key.target_table}, which leads back to a row that is not there yet"
    )


def _capacity(model: ModelPlan, values: Mapping[str, str], free: Mapping[str, Specimen]) -> int:
    """The fewest rows after which a unique constraint would stop the next one."""
    groups = [unique.columns for unique in model.uniques]
    groups.append(tuple(column.name for column in model.primary_key))
    least = ENDLESS
    for group in groups:
        if any(_varies(model.column(name), values, free) for name in group):
            continue
        least = min(least, max(free[name].period if name in free else 1 for name in group))
    return least


def _varies(column: ColumnPlan, values: Mapping[str, str], free: Mapping[str, Specimen]) -> bool:
    """Whether the column is different in each row, since something else makes it so."""
    if column.generated:
        return column.autoincrement
    if column.name in free:
        return free[column.name].period >= ENDLESS
    return values.get(column.name, "None") != "None" or column.nullable


def _variable(key: ForeignKeyPlan, target: ModelPlan, taken: set[str]) -> str:
    attribute = key.attributes[0]
    name = re.sub(r"_?id$", "", attribute, flags=re.IGNORECASE).lower() or "parent"
    if len(key.columns) > 1:
        name = target.function_stem
    if not name.isidentifier() or name == attribute:
        name = f"{re.sub(r'[^a-z0-9_]', '_', name)}_row"
    if name in _TAKEN or name in taken or not name.isidentifier() or keyword.iskeyword(name):
        name = f"{name}_parent"
    while name in taken:
        name = f"{name}_"
    return name
