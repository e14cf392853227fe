"""From the resolved document to the plan: names first, then keys, columns and relationships."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from common.document.resolved import (
    ColumnOrigin,
    ColumnType,
    ResolvedDocument,
    ResolvedForeignKey,
    ResolvedMadeLink,
    ResolvedTable,
)
from workers import naming
from workers.plan import imports
from workers.plan.accounts import with_accounts
from workers.plan.checks import plan_checks
from workers.plan.columns import ColumnContext, plan_column
from workers.plan.constraints import NameBook, TableConstraints, deferred_keys, plan_constraints
from workers.plan.databases import plan_database
from workers.plan.defaults import renamed
from workers.plan.ir import (
    AccountsPlan,
    ColumnPlan,
    EnumMemberPlan,
    EnumPlan,
    ForeignKeyPlan,
    LinkPlan,
    ModelPlan,
    Plan,
    RelationshipPlan,
)
from workers.plan.operation_plans import plan_operations
from workers.plan.relationships import SchemaNames, plan_relationships
from workers.plan.requirements import parts_of
from workers.plan.words import quoted_words


def make_plan(document: ResolvedDocument) -> Plan:
    """Decide everything about the project for `document`; the same document gives the same plan."""
    return _Maker(*with_accounts(document)).plan()


@dataclass(frozen=True, slots=True)
class _TableWords:
    """What a table is called in its different places."""

    module: str
    function_stem: str


class _Maker:
    """The names that all parts of one plan share while it is made."""

    def __init__(self, document: ResolvedDocument, accounts: str | None) -> None:
        self._document = document
        self._accounts = accounts
        self._class_names = frozenset(table.class_name for table in document.tables)
        self._standard_names = {
            name: naming.import_name(name, self._class_names) for name in ("Any", "Decimal", "UUID")
        }
        self._tables: tuple[ResolvedTable | ResolvedMadeLink, ...] = (
            *document.tables,
            *document.made_links,
        )
        self._enums = self._plan_enums()
        self._words = self._plan_words()
        self._attributes: dict[str, dict[str, str]] = {}
        self._relationship_attributes: dict[str, dict[str, str]] = {}
        self._plan_attributes()
        book = NameBook(document)
        deferred = deferred_keys(document)
        self._constraints: dict[str, TableConstraints] = {
            table.name: plan_constraints(document, table, self._attributes, book, deferred)
            for table in self._tables
        }
        self._checks = {
            table.name: plan_checks(
                table, document.db_type, book, lambda said: renamed(said, self._standard_names)
            )
            for table in document.tables
        }

    def plan(self) -> Plan:
        document = self._document
        keys: dict[ResolvedForeignKey, ForeignKeyPlan] = {}
        for table in self._tables:
            planned = self._constraints[table.name].foreign_keys
            keys.update(zip(table.foreign_keys, planned, strict=True))
        relationships = plan_relationships(
            document,
            SchemaNames(
                attributes=self._attributes,
                relationship_attributes=self._relationship_attributes,
                modules={name: words.module for name, words in self._words.items()},
                foreign_keys=keys,
            ),
        )
        models = [self._plan_model(t, relationships[t.name]) for t in document.tables]
        links = [self._plan_link(link) for link in document.made_links]
        by_name: dict[str, ModelPlan | LinkPlan] = {model.table_name: model for model in models}
        by_name |= {link.table_name: link for link in links}
        accounts = self._plan_accounts(models)
        package_name = naming.package_name(document.project_name)
        return Plan(
            project_name=document.project_name,
            package_name=package_name,
            description=document.description,
            options=document.options,
            database=plan_database(document.db_type, package_name, document.options.database_api),
            accounts=accounts,
            parts=parts_of(document.db_type, document.options),
            enums=tuple(sorted(self._enums.values(), key=lambda enum: enum.class_name)),
            models=tuple(
                sorted(
                    (model for model in models if model.table_name != self._accounts),
                    key=lambda model: model.module,
                )
            ),
            links=tuple(sorted(links, key=lambda link: link.module)),
            build_order=tuple(by_name[name] for name in document.build_order),
            revision=_revision(document),
            migration_imports=imports.of_migration(
                list(by_name.values()),
                enums=self._enums.values(),
                db_type=document.db_type,
                standard_names=self._standard_names,
            ),
            quoted_words=quoted_words(document),
            operations=plan_operations(document, by_name, self._enums.values()),
            operations_path=_operations_path(models),
        )

    def _plan_accounts(self, models: Sequence[ModelPlan]) -> AccountsPlan | None:
        if self._accounts is None:
            return None
        paths = {model.route_path for model in models}
        return AccountsPlan(
            model=next(model for model in models if model.table_name == self._accounts),
            route_path="/auth_" if "/auth" in paths else "/auth",
        )

    def _plan_enums(self) -> dict[tuple[str, str], EnumPlan]:
        """By declaring table and column: the enum."""
        taken = naming.reserved_class_names(self._class_names)
        type_names = {name.lower() for name in self._document.build_order}
        enums: dict[tuple[str, str], EnumPlan] = {}
        for table in self._document.tables:
            for column in table.columns:
                if column.type is not ColumnType.ENUM or column.enum_of != (
                    table.name,
                    column.name,
                ):
                    continue
                class_name = naming.enum_class_name(table.class_name, column.name, taken)
                wanted = f"{naming.snake_case(table.class_name)}_{column.name.lower()}"
                database_name = naming.database_name(
                    wanted, type_names, identity=f"{table.name}.{column.name}"
                )
                taken.add(class_name)
                type_names.add(database_name)
                enums[table.name, column.name] = EnumPlan(
                    class_name=class_name,
                    database_name=database_name,
                    members=tuple(
                        EnumMemberPlan(name, value)
                        for name, value in zip(
                            naming.enum_member_names(column.values), column.values, strict=True
                        )
                    ),
                    length=max(1, *map(len, column.values)),
                    table=table.name,
                    column=column.name,
                )
        return enums

    def _plan_words(self) -> dict[str, _TableWords]:
        words: dict[str, _TableWords] = {}
        modules = {"operations"} if self._document.operations else set()
        stems: set[str] = set()
        for table in self._tables:
            module = naming.module_name(table.name, modules)
            modules.add(module)
            stem = module
            if isinstance(table, ResolvedTable):
                stem = naming.function_stem(table.class_name, stems)
                stems.add(stem)
            words[table.name] = _TableWords(module, stem)
        return words

    def _plan_attributes(self) -> None:
        """Names for columns and relationships; whoever can keep their own name keeps it."""
        classes = {
            *self._class_names,
            *(enum.class_name for enum in self._enums.values()),
            *self._standard_names.values(),
        }
        for table in self._document.tables:
            taken = set(classes)
            columns: dict[str, str] = {}
            relationships: dict[str, str] = {}
            wanted = [(columns, column.name) for column in table.columns]
            wanted += [(relationships, one.name) for one in table.relationships]
            keep = [
                (place, name)
                for place, name in wanted
                if naming.is_free_attribute(name) and name not in classes
            ]
            for place, name in keep:
                place[name] = name
                taken.add(name)
            for place, name in wanted:
                if name not in place:
                    place[name] = naming.attribute_name(name, taken)
                    taken.add(place[name])
            self._attributes[table.name] = columns
            self._relationship_attributes[table.name] = relationships
        for link in self._document.made_links:
            self._attributes[link.name] = {column.name: column.name for column in link.columns}

    def _plan_columns(self, table: ResolvedTable | ResolvedMadeLink) -> tuple[ColumnPlan, ...]:
        constraints = self._constraints[table.name]
        key = tuple(column.name for column in table.columns if column.primary_key)
        unique = {u.columns[0]: u for u in constraints.uniques if len(u.columns) == 1}
        indexed = {i.columns[0] for i in constraints.indexes if i.inline}
        mixins = _mixins(table) if isinstance(table, ResolvedTable) else {}
        return tuple(
            plan_column(
                column,
                ColumnContext(
                    db_type=self._document.db_type,
                    table=table if isinstance(table, ResolvedTable) else None,
                    attributes=self._attributes[table.name],
                    enum=self._enums[column.enum_of] if column.enum_of else None,
                    standard_names=self._standard_names,
                    foreign_keys=constraints.keys_with(column.name),
                    primary_key_size=len(key),
                    unique=column.name in unique or (column.name,) == key,
                    unique_inline=column.name in unique and unique[column.name].inline,
                    index_inline=column.name in indexed
                    or (
                        column.name in unique
                        and unique[column.name].inline
                        and unique[column.name].indexed
                    ),
                    indexed=column.name in constraints.indexed,
                    from_mixin=column.origin in mixins,
                    redefines=ColumnOrigin.SOFT_DELETE in mixins
                    and column.name == "is_deleted"
                    and column.nullable,
                ),
            )
            for column in table.columns
        )

    def _plan_model(
        self, table: ResolvedTable, relationships: tuple[RelationshipPlan, ...]
    ) -> ModelPlan:
        columns = self._plan_columns(table)
        constraints = self._constraints[table.name]
        words = self._words[table.name]
        return ModelPlan(
            table_name=table.name,
            class_name=table.class_name,
            module=words.module,
            function_stem=words.function_stem,
            route_path=naming.route_path(table.name),
            tag=table.name,
            title=naming.snake_case(table.class_name).replace("_", " "),
            description=table.description,
            columns=columns,
            primary_key=tuple(column for column in columns if column.primary_key),
            primary_key_name=constraints.primary_key_name,
            primary_key_named=constraints.primary_key_named,
            foreign_keys=constraints.foreign_keys,
            uniques=constraints.uniques,
            indexes=constraints.indexes,
            checks=self._checks[table.name],
            relationships=relationships,
            mixins=tuple(_mixins(table).values()),
            soft_delete=table.use_soft_delete,
            model_imports=imports.of_model(
                columns, relationships, self._checks[table.name], self._standard_names
            ),
            typing_imports=imports.for_typing(table.name, relationships),
            parents=self._parents(table),
        )

    def _plan_link(self, link: ResolvedMadeLink) -> LinkPlan:
        columns = self._plan_columns(link)
        constraints = self._constraints[link.name]
        module = self._words[link.name].module
        return LinkPlan(
            table_name=link.name,
            module=module,
            symbol=module,
            columns=columns,
            primary_key_name=constraints.primary_key_name,
            primary_key_named=constraints.primary_key_named,
            foreign_keys=constraints.foreign_keys,
            indexes=constraints.indexes,
            model_imports=imports.of_link(columns),
        )

    def _parents(self, table: ResolvedTable) -> tuple[str, ...]:
        nullable = {column.name: column.nullable for column in table.columns}
        needed = {
            key.target_table
            for key in table.foreign_keys
            if key.target_table != table.name and not any(nullable[name] for name in key.columns)
        }
        return tuple(name for name in self._document.build_order if name in needed)


def _mixins(table: ResolvedTable) -> dict[ColumnOrigin, str]:
    """By origin of their columns: the mixins of the table's model.

    A declared column overrides the mixin's, which the type of a timestamp has to allow. A model
    with soft delete always has its mixin, since the API tells by it that there is something to
    restore.
    """
    mixins: dict[ColumnOrigin, str] = {}
    if table.use_timestamps and not any(
        column.nullable and column.name in {"created_at", "updated_at"} for column in table.columns
    ):
        mixins[ColumnOrigin.TIMESTAMPS] = "TimestampMixin"
    if table.use_soft_delete:
        mixins[ColumnOrigin.SOFT_DELETE] = "SoftDeleteMixin"
    return mixins


def _operations_path(models: Sequence[ModelPlan]) -> str:
    paths = {model.route_path for model in models}
    return "/operations_" if "/operations" in paths else "/operations"


def _revision(document: ResolvedDocument) -> str:
    """The first migration's id: twelve digits of the hash of what the document means."""
    tables = dataclasses.replace(document, operations=())
    members = dataclasses.asdict(tables)
    del members["operations"]
    meaning = json.dumps(members, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(meaning.encode()).hexdigest()[:12]
