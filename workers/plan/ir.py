"""The plan: everything that templates need, decided before the first of them runs.

Names, order, imports, types and expressions are final here, so a template only lays them out. Every
`str` is one of three things, and its docstring says which: a *name* (made by `workers.naming`, safe
as code), an *expression* (Python source made by the plan, safe as code), or *text* (from outside,
only ever rendered through a filter such as `literal` or `docstring`).

What comes of one table, by the word that each part uses for it:

    document   database          models              wire
    table      table             ModelPlan           a resource with a route
    column     column            ColumnPlan          a member, called like the column
    (made)     link table        LinkPlan            a sub-resource of both sides
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from common.document.mysql_texts import is_wide
from common.document.resolved import ColumnType, DbType, OutputOptions, RelationshipKind
from workers.plan.parts import (
    CheckPlan,
    ColumnPlan,
    EnumMemberPlan,
    EnumPlan,
    ForeignKeyPlan,
    IndexPlan,
    UniquePlan,
)
from workers.plan.words import QuotedWords

if TYPE_CHECKING:
    from workers.plan.operations import OperationPlan

__all__ = [
    "AccountsPlan",
    "CheckPlan",
    "ColumnPlan",
    "DatabasePlan",
    "EnumMemberPlan",
    "EnumPlan",
    "ForeignKeyPlan",
    "IndexPlan",
    "LinkPlan",
    "LinkSidePlan",
    "ModelPlan",
    "Plan",
    "QuotedWords",
    "RelationshipLinkPlan",
    "RelationshipPlan",
    "UniquePlan",
]


@dataclass(frozen=True, slots=True)
class LinkSidePlan:
    """One of the two foreign keys of a link table, as seen from a many-to-many relationship."""

    columns: tuple[str, ...]
    """Text: columns of the link table."""
    attributes: tuple[str, ...]
    """Names: their attributes on the link's model (the columns' own names on a made link)."""
    target_attributes: tuple[str, ...]
    """Names: the attributes of the model that they refer to, in the same order."""
    target_columns: tuple[str, ...]
    """Text: the columns that they refer to."""


@dataclass(frozen=True, slots=True)
class RelationshipLinkPlan:
    """The table between the two sides of a many-to-many, as seen from one side."""

    table: str
    """Text."""
    made: bool
    """Whether nobody declared it: a `LinkPlan`, else a `ModelPlan`."""
    module: str
    """Name: its module in `app/models`."""
    symbol: str
    """Name: its `sa.Table` (made) or its class (declared) in that module."""
    local: LinkSidePlan
    remote: LinkSidePlan
    writable: bool
    """Whether a link is its row: made from the two keys alone, and deleted to cut the link."""


@dataclass(frozen=True, slots=True)
class RelationshipPlan:
    """One side of a relationship, as an attribute of a model."""

    attribute: str
    """Name."""
    wire_name: str
    """Text: what the document calls it."""
    kind: RelationshipKind
    target_table: str
    """Text."""
    target_class: str
    """Name."""
    target_module: str
    """Name: the module of the target in `app/models`."""
    collection: bool
    """Whether it holds a list."""
    nullable: bool
    """Whether a single one may be None."""
    annotation: str
    """Expression: `list[Post]`, `User | None`."""
    arguments: tuple[tuple[str, str], ...]
    """Names and expressions: the keyword arguments of `orm.relationship`, in order."""
    foreign_key: ForeignKeyPlan | None
    """What joins the two tables; None for many-to-many."""
    owns_key: bool
    """Whether `foreign_key` is this table's."""
    link: RelationshipLinkPlan | None
    """Only for many-to-many."""
    back_populates: str
    """Name: the attribute on the other side."""
    description: str | None
    """Text."""


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """One table with its model, its schemas, its router and its tests."""

    table_name: str
    """Text."""
    class_name: str
    """Name."""
    module: str
    """Name: the file in `app/models`, `app/schemas`, `app/api/routes` and (`test_…`) `tests`."""
    function_stem: str
    """Name: for functions and variables, `blog_post` as in `create_blog_post`."""
    route_path: str
    """Text: `/blog-posts`, unique, of `[a-z0-9-]`."""
    tag: str
    """Text: the heading in the OpenAPI document."""
    title: str
    """Text: the table in words, `blog post`; for docstrings and messages."""
    description: str | None
    """Text."""
    columns: tuple[ColumnPlan, ...]
    """In the order of the table; those of mixins last."""
    primary_key: tuple[ColumnPlan, ...]
    primary_key_name: str
    """Text: the constraint's name."""
    primary_key_named: bool
    """Whether the declaration has to say the name, because the naming convention would not."""
    foreign_keys: tuple[ForeignKeyPlan, ...]
    uniques: tuple[UniquePlan, ...]
    indexes: tuple[IndexPlan, ...]
    checks: tuple[CheckPlan, ...]
    relationships: tuple[RelationshipPlan, ...]
    mixins: tuple[str, ...]
    """Names: of `TimestampMixin` and `SoftDeleteMixin`."""
    soft_delete: bool
    """Whether deleting sets `is_deleted` and `deleted_at`."""
    model_imports: tuple[str, ...]
    """Statements at the top of the model's module."""
    typing_imports: tuple[str, ...]
    """Statements that only type checkers need."""
    parents: tuple[str, ...] = field(default=())
    """Text: other tables that a row of this one has to refer to, in build order."""

    def column(self, name: str) -> ColumnPlan:
        """The column called `name` in the database; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """A link table that nobody declared: a bare `sa.Table` of two foreign keys."""

    table_name: str
    """Text."""
    module: str
    """Name: its file in `app/models`."""
    symbol: str
    """Name: the variable that holds the `sa.Table`."""
    columns: tuple[ColumnPlan, ...]
    primary_key_name: str
    """Text."""
    primary_key_named: bool
    foreign_keys: tuple[ForeignKeyPlan, ...]
    indexes: tuple[IndexPlan, ...]
    """That of the second key; the primary key begins with the first."""
    model_imports: tuple[str, ...]
    """Statements at the top of its module."""

    @property
    def primary_key(self) -> tuple[ColumnPlan, ...]:
        """All of it."""
        return self.columns

    @property
    def description(self) -> None:
        """None; nobody wrote it down."""
        return

    @property
    def uniques(self) -> tuple[UniquePlan, ...]:
        """None; the primary key is unique."""
        return ()

    @property
    def checks(self) -> tuple[CheckPlan, ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class DatabasePlan:
    """What the project needs to know of the database that it is made for."""

    db_type: DbType
    title: str
    """Text: `PostgreSQL`."""
    driver: str
    """Text: `postgresql+asyncpg`."""
    drivers: tuple[tuple[str, str], ...]
    """Text: how a URL may begin, and what that is turned into."""
    example_url: str
    """Text: for the README and `.env.example`; no secret in it."""
    example_test_url: str
    """Text: the same for the tests, which empty what they run on."""
    container_url: str
    """Text: for the compose file, which takes the password from the environment."""
    password_variable: str | None
    """Text: the environment variable with the password; None where there is no server."""
    sync: bool = False
    """Whether routes are plain functions with a `Session`, not coroutines."""

    @property
    def async_(self) -> str:
        """Expression: what stands before `def`, `with` and `for`."""
        return "" if self.sync else "async "

    @property
    def await_(self) -> str:
        """Expression: what stands before a call of the session's."""
        return "" if self.sync else "await "

    @property
    def session(self) -> str:
        """Name: the class of a session."""
        return "Session" if self.sync else "AsyncSession"


@dataclass(frozen=True, slots=True)
class AccountsPlan:
    """The table of users, and where they sign in."""

    model: ModelPlan
    route_path: str
    """Text: what the paths begin with, `/auth`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole project, ready to be laid out."""

    project_name: str
    """Text: of letters, digits, `-` and `_`."""
    package_name: str
    """Text: the project's name as PEP 503 writes it, for `pyproject.toml` and containers."""
    description: str | None
    """Text."""
    options: OutputOptions
    database: DatabasePlan
    accounts: AccountsPlan | None
    """Who may use the API; None where everybody may."""
    parts: tuple[str, ...]
    """Names: the parts of `workers.plan.requirements` that it needs to run."""
    enums: tuple[EnumPlan, ...]
    models: tuple[ModelPlan, ...]
    """In the order of their modules' names; without that of `accounts`."""
    links: tuple[LinkPlan, ...]
    """In the order of their modules' names."""
    build_order: tuple[ModelPlan | LinkPlan, ...]
    """Every table after those that it refers to, except along cyclic keys."""
    revision: str
    """Text: the first migration's id, of the document's hash."""
    migration_imports: tuple[str, ...]
    """Statements: what expressions in the first migration need beyond SQLAlchemy."""
    quoted_words: tuple[QuotedWords, ...]
    """Names of the document that SQLAlchemy would not put in quotes, though it has to."""
    operations: tuple[OperationPlan, ...] = ()
    """In the order of their modules' names."""
    operations_path: str = "/operations"
    """Text: what the paths of operations begin with."""

    def model(self, table_name: str) -> ModelPlan:
        """The model of a table; KeyError where there is none."""
        for model in self.models:
            if model.table_name == table_name:
                return model
        raise KeyError(table_name)

    @property
    def mapped(self) -> tuple[ModelPlan, ...]:
        """The models of all tables, in the order of their modules' names."""
        accounts = (self.accounts.model,) if self.accounts else ()
        return tuple(sorted((*self.models, *accounts), key=lambda model: model.module))

    @property
    def model_exports(self) -> tuple[str, ...]:
        """Names: all that `app.models` offers, sorted as ruff sorts them."""
        names = {enum.class_name for enum in self.enums}
        names.update(model.class_name for model in self.mapped)
        names.update(link.symbol for link in self.links)
        return tuple(sorted(names))

    @property
    def operation_types(self) -> frozenset[str]:
        """Names: what operations need of `app/core/fields.py`."""
        values = [value for one in self.operations for value in (*one.inputs, *one.returns)]
        return frozenset(name for value in values for name in value.types) - {"bool"}

    @property
    def uses_datetimes(self) -> bool:
        """Whether any column is a DateTime."""
        return any(
            column.type is ColumnType.DATETIME
            for table in self.build_order
            for column in table.columns
        )

    @property
    def uses_json(self) -> bool:
        """Whether any column is a JSON."""
        return any(
            column.type is ColumnType.JSON for model in self.models for column in model.columns
        )

    @property
    def uses_binary_json(self) -> bool:
        """Whether any of them is kept in PostgreSQL's binary form."""
        return any(
            "JSONB" in column.migration_type for model in self.models for column in model.columns
        )

    @property
    def has_awkward_enums(self) -> bool:
        """Whether a value has characters in it that MySQL shows otherwise than it keeps them."""
        values = [member.value for enum in self.enums for member in enum.members]
        return any(set("'\"%\\\r\n") & set(value) or is_wide(value) for value in values)

    @property
    def uses_counters(self) -> bool:
        """Whether the application counts up any part of a key."""
        return any(
            column.python_default == "column_types.next_number"
            for model in self.models
            for column in model.columns
        )

    @property
    def uses_timestamps(self) -> bool:
        """Whether there is a `TimestampMixin`."""
        return any("TimestampMixin" in model.mixins for model in self.models)

    @property
    def uses_references(self) -> bool:
        """Whether any model refers to another, or to itself."""
        return any(model.foreign_keys for model in self.models)

    @property
    def uses_soft_delete(self) -> bool:
        """Whether there is a `SoftDeleteMixin`."""
        return any(model.soft_delete for model in self.models)

    @property
    def cyclic_keys(self) -> tuple[ForeignKeyPlan, ...]:
        """Foreign keys that are created after all tables, in build order."""
        return tuple(key for table in self.build_order for key in table.foreign_keys if key.cyclic)

    @property
    def defers(self) -> bool:
        """Whether any foreign key holds only from the end of a transaction on."""
        return any(key.deferred for table in self.build_order for key in table.foreign_keys)
