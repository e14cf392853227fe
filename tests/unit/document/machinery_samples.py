"""Everything of Python's and SQLAlchemy's that a body could get hold of, and what is behind it."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import pkgutil
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy
from fastapi import HTTPException
from sqlalchemy import (
    Column,
    Enum,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    case,
    create_engine,
    delete,
    exists,
    func,
    insert,
    null,
    select,
    update,
)
from sqlalchemy.engine import Connection, CursorResult, Dialect, Engine, Result, Transaction
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncResult, AsyncSession
from sqlalchemy.orm import (
    DeclarativeBase,
    InstrumentedAttribute,
    Mapped,
    Mapper,
    PropComparator,
    RelationshipProperty,
    Session,
    aliased,
    joinedload,
    mapped_column,
    registry,
    relationship,
    selectinload,
    sessionmaker,
)
from sqlalchemy.pool import Pool
from sqlalchemy.sql.base import ColumnCollection
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

_OF_TEXTS = {"format", "format_map"}
_OF_LATER_PYTHONS = {"ag_suspended", "co_branches", "f_generator", "name_from"}


class Base(DeclarativeBase):
    """Of the samples."""


links = Table(
    "links",
    Base.metadata,
    Column("left_id", ForeignKey("nodes.number"), primary_key=True),
    Column("right_id", ForeignKey("nodes.number"), primary_key=True),
)


class Node(Base):
    """A row that refers to others of its kind."""

    __tablename__ = "nodes"
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    kind: Mapped[str] = mapped_column(Enum("a", "b", name="kinds"))
    above_id: Mapped[int | None] = mapped_column(ForeignKey("nodes.number"))
    above: Mapped[Node | None] = relationship(remote_side=[number])
    others: Mapped[list[Node]] = relationship(
        secondary=links,
        primaryjoin=number == links.c.left_id,
        secondaryjoin=number == links.c.right_id,
    )


def samples() -> list[Any]:
    """What a body can hold: rows, results, statements, columns, exceptions, and so on."""
    # Whichever thread then runs the garbage collection closes the connection
    engine = create_engine("sqlite://", connect_args={"check_same_thread": False})
    session = Session(engine)
    Base.metadata.create_all(session.get_bind())
    node = Node(number=1, title="x", kind="a")
    session.add(node)
    session.flush()
    query = (
        select(Node.number, func.count().label("n")).where(Node.number > 1).group_by(Node.number)
    )
    below = query.subquery()
    alias = aliased(Node)
    return [
        *(node, session.execute(select(Node)), session.scalars(select(Node.number))),
        *(session.execute(select(Node)).all(), session.execute(select(Node)).mappings()),
        *(
            session.execute(select(Node.number, Node.title)).one(),
            session.execute(insert_of_node()),
        ),
        *(session.execute(select(Node)).unique()),
        session.execute(select(Node.number, Node.title)).mappings().first(),
        *(query, below, query.cte(), query.exists(), query.scalar_subquery(), query.union(query)),
        *(below.c, below.c.n, links, links.c, links.c.left_id, alias, alias.number, alias.above),
        *(Node, Node.number, Node.title, Node.kind, Node.above, Node.others, Node.others.any()),
        *(
            Node.number + 1,
            Node.number == 1,
            ~(Node.number == 1),
            Node.number.in_([1]),
            Node.title.like("x"),
        ),
        *(
            Node.number.desc(),
            Node.number.desc().nulls_last(),
            Node.number.label("x"),
            Node.number.distinct(),
        ),
        *(
            func.count(),
            func.coalesce(Node.number, 1),
            func.sum(Node.number).over(),
            func.max(Node.number),
        ),
        *(func.sum(Node.number).filter(Node.number > 1), func.rank().over(order_by=Node.number)),
        *(
            case((Node.number > 1, 1), else_=2),
            exists(),
            null(),
            (Node.number > 1) & (Node.number < 3),
        ),
        *(
            insert(Node),
            update(Node).values(number=1),
            delete(Node),
            insert(Node).returning(Node.number),
        ),
        *(insert(Node).from_select(["number"], select(Node.number)), update(links), links.insert()),
        *(selectinload(Node.others), joinedload(Node.above), query.join(Node.above)),
        *(
            links.join(Node.__table__, links.c.left_id == Node.number),
            links.alias(),
            Node.others.of_type(alias),
        ),
        *raised(session),
        *("", b"", 1, 1.5, [], {}, set(), (), range(3), iter([]), zip(), map(str, [])),
        *((each for each in ()), lambda: None, [].append, node.others, session.execute),
    ]


def insert_of_node() -> Any:
    return insert(Node).values(number=2, title="y", kind="b")


def raised(session: Session) -> Iterator[BaseException]:
    """Exceptions that a body could catch."""
    tries: list[Any] = [
        lambda: session.execute("select 1"),  # type: ignore[call-overload]
        lambda: session.execute(insert_of_node()) and session.execute(insert_of_node()),
        lambda: session.execute(select(Node).where(Node.number == 99)).one(),
        lambda: select(Node).join("x"),  # type: ignore[arg-type]
        lambda: session.nothing,  # type: ignore[attr-defined]
        *(lambda: {}["x"], bytes([255]).decode, lambda: int("x"), iter(()).__next__),
    ]
    for attempt in tries:
        try:
            attempt()
        except Exception as error:  # noqa: BLE001 - of whatever kind
            yield error
    yield HTTPException(404)


def classes() -> Iterator[type]:
    """The machinery: what bodies must not reach, and the classes of what they hold."""
    _import_all_of_sqlalchemy()
    for root in (
        *(BaseException, ClauseElement, TypeEngine, TypeEngine.Comparator, PropComparator),
        *(Result, Session, AsyncSession, AsyncResult, Connection, Engine, Transaction, Dialect),
        *(DefaultExecutionContext, Pool, Mapper, RelationshipProperty, InstrumentedAttribute),
        *(AsyncConnection, AsyncEngine, CursorResult, MetaData, registry, sessionmaker),
        *(ColumnCollection, Integer),
    ):
        yield from _with_subclasses(root)
    yield from (type, object, property, staticmethod, classmethod)
    for kind in vars(types).values():
        if isinstance(kind, type) and kind is not types.SimpleNamespace:
            yield kind


def names_of_machinery() -> set[str]:
    """All that can be asked of these, but for what begins with `_`."""
    things: list[Any] = [*classes(), *_objects()]
    columns = {*Node.__mapper__.all_orm_descriptors.keys(), *links.c.keys(), "n"}
    names = {name for thing in things for name in dir(thing)} | _OF_TEXTS | _OF_LATER_PYTHONS
    return {name for name in names if not name.startswith("_")} - columns


def _objects() -> Iterable[Any]:
    """Instances, for what they are given when they are made."""
    session = Session(create_engine("sqlite://"))
    plain = (str, bytes, int, float, list, dict, set, tuple, range)
    for sample in samples():
        if not isinstance(sample, (*plain, Node)) and sample is not Node:
            yield sample
    with session:
        yield from (session, session.connection(), session.get_bind(), session.connection().dialect)
    node = Node()
    yield inspect_state(node)
    yield from (Node.metadata, Node.registry, Node.__mapper__, inspect.currentframe())


def inspect_state(node: Node) -> Any:
    """What SQLAlchemy keeps of a row."""
    return node._sa_instance_state


def _import_all_of_sqlalchemy() -> None:
    """Whichever tests ran before, the same classes are known then."""
    for module in pkgutil.walk_packages(sqlalchemy.__path__, "sqlalchemy."):
        if not module.name.startswith(("sqlalchemy.testing", "sqlalchemy.ext.mypy")):
            with contextlib.suppress(ImportError):
                importlib.import_module(module.name)


def _with_subclasses(root: type) -> Iterator[type]:
    yield root
    for below in type.__subclasses__(root):
        if below.__module__.startswith("sqlalchemy.") or below.__module__ == root.__module__:
            yield from _with_subclasses(below)


def is_machinery(thing: object) -> bool:
    """Whether a body that holds this is out of its cage."""
    if isinstance(thing, type):
        return thing is not Node
    return isinstance(
        thing,
        (
            *(types.ModuleType, types.FrameType, types.CodeType, types.TracebackType),
            *(Session, AsyncSession, sessionmaker, Connection, AsyncConnection, Engine),
            *(AsyncEngine, Transaction, DefaultExecutionContext, Dialect, Pool, MetaData),
            *(registry, type(sys.implementation)),
        ),
    )


__all__ = ["SQLAlchemyError", "is_machinery", "names_of_machinery", "samples"]
