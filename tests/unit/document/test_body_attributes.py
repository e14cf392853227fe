"""Attributes in bodies: none leads from what a body may hold to what it may not."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy.sql.base import ColumnCollection

from common.document.gate import BodyError, Signature, Words, check_body
from common.document.gate.attributes import ATTRIBUTES, PLAIN, is_readable
from common.document.gate.machinery import MACHINERY
from common.document.gate.words import CLASSES, FREE, FUNCTIONS, MODULES
from tests.unit.document.machinery_samples import is_machinery, names_of_machinery, samples

COLUMNS = frozenset({"id", "total", "name", "status", "parent", "state", *MACHINERY})
WORDS = Words(frozenset({"Order", "OrderState", "order_tags"}), COLUMNS)
SIGNATURE = Signature("place", ("number", "text"), "PlaceReturns", asynchronous=True)
READS = Signature("place", ("number", "text"), "PlaceReturns", asynchronous=True, reads_only=True)
HIDDEN = sorted(MACHINERY - ATTRIBUTES - PLAIN)
DEPTH = 4


def faults(code: str, signature: Signature = SIGNATURE, words: Words = WORDS) -> str:
    try:
        check_body(code, signature, words)
    except BodyError as error:
        return str(error)
    return ""


def test_the_machinery_is_the_one_that_is_installed() -> None:
    """What SQLAlchemy gets anew has to be added here; what it loses may stay."""
    assert names_of_machinery() - MACHINERY == set()
    assert {"context", "dialect", "dbapi", "obj", "root_connection", "cursor"} & MACHINERY >= {
        *("context", "dialect", "obj", "cursor")
    }
    assert not PLAIN & ATTRIBUTES
    assert PLAIN <= MACHINERY


def test_no_attribute_leads_out_of_what_a_body_may_hold() -> None:
    """All columns of any name are asked for, as far as the gate lets them be."""
    found: deque[tuple[Any, str, int]] = deque((one, repr(type(one)), 0) for one in samples())
    seen: set[type] = set()
    while found:
        thing, way, depth = found.popleft()
        assert not is_machinery(thing), way
        if depth > DEPTH or (depth and type(thing) in seen):
            continue
        seen.add(type(thing))
        for part in _parts(thing):
            found.append((part, f"{way}[...]", depth + 1))
        for name in dir(thing):
            if name.startswith("_") or not is_readable(name, COLUMNS | {name}):
                continue
            try:
                value = getattr(thing, name)
            except Exception:  # noqa: BLE001, S112 - it is not there, then
                continue
            if callable(value) and not hasattr(value, "compile"):
                assert name not in PLAIN or not type(thing).__module__.startswith("sqlalchemy"), way
                try:
                    value = value()
                except Exception:  # noqa: BLE001, S112 - it takes something, or there is nothing
                    continue
            found.append((value, f"{way}.{name}", depth + 1))
    assert len(seen) > 60


def _parts(thing: object) -> Iterable[object]:
    if isinstance(thing, dict):
        return list(thing.values())
    if isinstance(thing, list | tuple | set | frozenset | ColumnCollection):
        return list(thing)
    return []


@pytest.mark.parametrize("name", HIDDEN)
def test_no_column_opens_a_part_of_the_machinery(name: str) -> None:
    for code in (
        f"found = await session.execute(select(Order))\nreturn {{'a': found.{name}}}",
        f"box = json.loads('{{}}')\nreturn {{'a': box['a'].{name}.{name}}}",
        f"return {{'a': Order.id.{name}}}",
        f"return {{'a': order_tags.{name}}}",
        f"return {{'a': order_tags.c.{name}}}",
        f"try:\n    pass\nexcept Exception as e:\n    return {{'a': e.{name}}}\nreturn {{}}",
        f"return {{'a': func.lower.{name}('x')}}",
        f"return {{'a': func.{name}('x')}}" if name not in FUNCTIONS else "x",
        f"order = await session.get(Order, 1)\norder.{name} = 1\nreturn {{}}",
        f"return {{'a': (lambda: 0).{name}}}",
    ):
        assert faults(code), code


@pytest.mark.parametrize("name", ["context", "mine", "pg_read_file", "obj", "total"])
def test_a_label_opens_nothing(name: str) -> None:
    words = Words(frozenset({"Order"}), frozenset({"id"}))
    asked = f"row = (await session.execute(select(func.count().label('{name}')))).one()\n"
    assert f"row['{name}']" in faults(f"{asked}return {{'a': row.{name}}}", words=words) or (
        name in ATTRIBUTES
    )
    read = f"rows = await session.execute(select(func.count().label('{name}')))\n"
    assert not faults(f"{read}return {{'a': rows.mappings().one()['{name}']}}", words=words)


def test_columns_are_read_and_set_on_rows() -> None:
    code = "order = await session.get_one(Order, number)\norder.status = order.parent.status\n"
    assert not faults(f"{code}order.parent.total += 1\nreturn {{'a': order.name}}")
    assert not faults("return {'a': select(Order.context, Order.obj)}")
    assert "Order.nothing" in faults("return {'a': Order.nothing}")
    assert "'nothing'" in faults("order = await session.get(Order, 1)\nreturn {'a': order.nothing}")


@pytest.mark.parametrize("name", ["mro", "metadata", "registry", "__table__", "_sa_registry"])
def test_what_every_class_has_is_not_asked_of_a_model(name: str) -> None:
    assert faults(f"return {{'a': Order.{name}}}")
    assert faults(f"return {{'a': OrderState.{name}}}")
    assert faults(f"return {{'a': HTTPStatus.{name}}}")


@pytest.mark.parametrize("name", sorted({*FREE} - CLASSES - {"HTTPStatus", "func"}))
def test_what_is_called_is_asked_for_nothing(name: str) -> None:
    for attribute in ("name", "get", "id", "value", "copy"):
        assert faults(f"return {{'a': {name}.{attribute}}}")
        assert "is not to be changed" in faults(f"{name}.{attribute} = 1\nreturn {{}}")


@pytest.mark.parametrize("name", sorted({*FREE} - {"Decimal"}))
def test_what_is_called_gets_no_second_name(name: str) -> None:
    for code in (
        f"e = {name}\nreturn {{}}",
        f"[e] = [{name}]\nreturn {{}}",
        f"return {{'a': [e for e in ({name},)]}}",
        f"return {{'a': (lambda e: e)({name})}}",
        f"return {{'a': (e := {name})}}",
        f"for e in [{name}]:\n    e.status = 200\nreturn {{}}",
        f"match {name}:\n    case e:\n        pass\nreturn {{}}",
        f"return {{'a': dict(x={name})}}",
        f"raise {name}",
    ):
        assert faults(code), code


@pytest.mark.parametrize(
    "code",
    [
        "e = HTTPException\nraise e(200)",
        "h = HTTPException\nh.status = 200\nreturn {}",
        "Order.id.type = 1\nreturn {}",
        "OrderState.OPEN.name = 1\nreturn {}",
        "(await session.get(Order, 1)).status = 1\nreturn {}",
        "number.nothing = 1\nreturn {}",
        "order = Order()\norder.append_column = 1\nreturn {}",
        "for Order.status in ():\n    pass\nreturn {}",
        "for json.loads in ():\n    pass\nreturn {}",
        "[Order.id for Order.status in ()]\nreturn {}",
        "del number.status\nreturn {}",
        "f = session.execute\nreturn {}",
        "f = func.count\nreturn {}",
        "return {'a': map(func.lower, ['x'])}",
        "return {'a': select(session)}",
        "return {'a': aliased(session)}",
        "return {'a': selectinload(func)}",
        "return {'a': isinstance(session, int)}",
        "return {'a': isinstance(1, session)}",
        "await session.execute(select(Order), bind_arguments={'bind': 1})\nreturn {}",
        "await session.execute(select(Order), execution_options={})\nreturn {}",
        "await session.get(Order, 1, execution_options={})\nreturn {}",
        "await session.get(Order, 1, identity_token=1)\nreturn {}",
        "await session.scalars(**{'statement': 1})\nreturn {}",
        "return {'a': func.lower('x', packagenames=('a',))}",
        "return {'a': func.lower('x', **{'type_': 1})}",
        "return {'a': select(**{})}",
        "return {'a': select(Order).filter_by(metadata=1)}",
        "return {'a': select(Order).filter_by(**{'registry': Order.id})}",
        "return {'a': Order.parent.any(registry=Order.id)}",
        "return {'a': Order.parent.has(None, **{'metadata': Order.id})}",
        "session.add(Order(**{'__class__': 1}))\nreturn {}",
        "session.add(Order(metadata=1))\nreturn {}",
        "f = json.loads\nf.data = 1\nreturn {}",
        "return {'a': map(statistics.mean, [[1]])}",
        "return {'a': 0x" + "f" * 5_000 + "}",
        "return {'a': " + "1" * 60 + "}",
        "return {'a': 1e999}",
        "raise HTTPException(True)",
        "raise HTTPException(404, status_code=200)",
        "raise HTTPException(HTTPStatus.OK)",
        "raise HTTPException(HTTPStatus.mro)",
        "raise HTTPException(404 + 1)",
    ],
)
def test_nothing_is_changed_or_passed_on_that_is_not_a_row(code: str) -> None:
    assert faults(code)


@pytest.mark.parametrize(
    "code",
    [
        "session.add(Order())\nreturn {}",
        "session.add_all([])\nreturn {}",
        "await session.delete(text)\nreturn {}",
        "await session.flush()\nreturn {}",
        "await session.execute(insert(Order))\nreturn {}",
        "await session.execute(update(Order))\nreturn {}",
        "await session.execute(delete(Order))\nreturn {}",
        "await session.execute(order_tags.insert())\nreturn {}",
        "await session.execute(order_tags.update())\nreturn {}",
        "order = await session.get(Order, 1)\norder.status = 1\nreturn {}",
    ],
)
def test_what_is_asked_with_get_changes_nothing(code: str) -> None:
    assert not faults(code)
    assert "changes nothing" in faults(code, READS)


_ORDINARY = """\
found = {}
found.update({'a': 1})
found['b'] = [1]
found['b'].insert(0, 2)
return found
---
rows = await session.execute(
    select(Order.name, func.sum(Order.total).label('all_of_it'))
    .join(Order.parent, isouter=True).group_by(Order.name).having(func.count() > 1)
    .order_by(desc('all_of_it')).limit(5))
return {'a': {name: total for name, total in rows.all()}}
---
below = select(Order.id, func.count().label('n')).group_by(Order.id).subquery()
query = select(Order, below.c['n']).join(below, below.c.id == Order.id)
return {'a': (await session.execute(query)).mappings().all()}
---
other = aliased(Order, name='other')
query = select(other).where(or_(other.total > 5, not_(exists().where(other.id == Order.id))))
return {'a': len((await session.scalars(query)).unique().all())}
---
kind = case((Order.total > 10, 'large'), else_='small')
return {'a': select(kind)}
---
days = dt.datetime.now(dt.UTC) - dt.timedelta(days=3)
return {'a': days.isoformat()}
---
total = sum(map(Decimal, ['1.50', '2']), Decimal(0)).quantize(Decimal('0.01'))
return {'a': total, 'b': sorted(['b'], key=str.lower)}
---
from decimal import ROUND_HALF_UP
from datetime import date, timedelta
return {'a': Decimal(1).quantize(Decimal('1.0'), rounding=ROUND_HALF_UP),
    'b': date.today() + timedelta(days=1),
    'c': isinstance(text, (date, str))}
---
try:
    value = int(text)
except (ValueError, TypeError) as error:
    raise HTTPException(HTTPStatus.BAD_REQUEST, str(error)) from error
return {'a': value}
---
groups: defaultdict[str, list[Order]] = defaultdict(list)
for order in (await session.scalars(select(Order).options(selectinload(Order.parent)))).all():
    groups[order.name].append(order)
return {'a': {name: len(found) for name, found in groups.items()}}
---
await session.execute(update(Order).where(Order.id == number).values(status=text))
session.add(Order(name=text, total=1))
await session.flush()
return {'a': 1}
---
states = [state.value for state in (OrderState.OPEN, OrderState('x'))]
return {'a': states, 'b': list(itertools.chain.from_iterable([[1], [2]]))}
---
order = await session.get(Order, number, with_for_update=True)
await session.refresh(order, attribute_names=['total'])
return {'a': str(uuid4().hex)}
---
return {'a': json.dumps({'n': math.floor(2.5)}), 'b': statistics.mean([1, 2])}
---
ranked = select(Order.id, func.rank().over(partition_by=Order.name, order_by=Order.total))
return {'a': ranked}"""
ORDINARY = _ORDINARY.split("\n---\n")


@pytest.mark.parametrize("code", ORDINARY, ids=range(len(ORDINARY)))
def test_ordinary_code_goes_through(code: str) -> None:
    assert not faults(code)


def test_a_module_is_asked_for_what_is_listed() -> None:
    for module in ("math", "json", "statistics", "itertools"):
        assert not faults(f"return {{'a': {module}.{min(MODULES[module])}([1])}}")
        for name in ("sys", "codecs", "random", "name"):
            assert faults(f"return {{'a': {module}.{name}}}")
