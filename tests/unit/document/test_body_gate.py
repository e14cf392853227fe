"""The gate: what may become the body of an operation, and each way out that is shut."""

from __future__ import annotations

import ast
import threading

import pytest

from common.document.gate import Body, BodyError, Signature, Words, check_body
from common.document.gate.body import MAX_CODE

WORDS = Words(
    models=frozenset({"Order", "Product", "OrderState", "DecimalModel", "order_tags"}),
    attributes=frozenset({"id", "state", "lines", "stock", "price", "total", "format", "name"}),
)
ASYNC = Signature("place", ("number", "text"), "PlaceReturns", asynchronous=True)
PLAIN = Signature("place", ("number", "text"), "PlaceReturns", asynchronous=False)
NOTHING = Signature("place", (), None, asynchronous=True)


def check(code: str, signature: Signature = ASYNC) -> Body:
    return check_body(code, signature, WORDS)


def refused(code: str, signature: Signature = ASYNC) -> list[tuple[int, str]]:
    with pytest.raises(BodyError) as caught:
        check(code, signature)
    return [(fault.line, fault.message) for fault in caught.value.faults]


# What goes through


ORDINARY = """\
# how many are left
product = await session.get(Product, number, with_for_update=True)
if product is None:
    raise HTTPException(404, "There is no such product.")
if product.stock < 1:
    raise HTTPException(status_code=HTTPStatus.CONFLICT, detail=f"{product.name} is sold out.")
open_orders = await session.scalar(
    select(func.count()).select_from(Order).where(Order.state == OrderState.OPEN)
)
rows = (await session.execute(select(Order.id, func.sum(Order.total).label("sum")))).mappings()
total = sum((row["sum"] for row in rows), Decimal(0))
is_large = any(order.total > 5 for order in product.lines)
product.stock -= 1
ordered = sorted(product.lines, key=lambda order: order.total)
return {"total": total.quantize(Decimal("0.01")), "open": open_orders, "large": is_large}"""


def test_ordinary_code_goes_through_as_it_was_written() -> None:
    body = check(ORDINARY)
    assert body.source == ORDINARY
    assert body.models == ("Order", "OrderState", "Product")
    assert body.statuses == (404, 409)
    assert set(body.imports) == {
        "from decimal import Decimal",
        "from fastapi import HTTPException",
        "from http import HTTPStatus",
        "from sqlalchemy import func",
        "from sqlalchemy import select",
    }


@pytest.mark.parametrize(
    "head",
    [
        "async def place(session, *, number, text):",
        "async def place(session: AsyncSession, *, text: str, number: int | None) -> dict:",
    ],
)
def test_a_whole_definition_means_its_body(head: str) -> None:
    code = f'from sqlalchemy import select\n{head}\n    """Say it."""\n    # why\n    return {{}}\n'
    assert check(code).source == "# why\nreturn {}"


def test_what_is_imported_is_there_and_nothing_twice() -> None:
    body = check(
        "import datetime as dt\nfrom datetime import date\nreturn {'a': dt.date, 'b': date}"
    )
    assert set(body.imports) == {"import datetime as dt", "from datetime import date"}


def test_a_parameter_may_be_called_like_something_else() -> None:
    signature = Signature("place", ("id", "select", "math"), "PlaceReturns", asynchronous=True)
    body = check("total = id + select.get('a', 1)\nreturn {'a': total, 'b': math}", signature)
    assert body.imports == ()


def test_texts_of_several_lines_mean_the_same_when_they_are_indented() -> None:
    code = 'told = """a\nb"""\nreturn {"told": told}'
    source = check(code).source
    assert ast.dump(ast.parse(source)) == ast.dump(ast.parse(code))
    assert "\n" not in source.split("\n")[0].replace("\\n", "")


def test_an_annotation_of_a_variable_is_worked_out_by_nobody() -> None:
    assert check("orders: list[Order] = []\nreturn {'a': orders}").models == ("Order",)


def test_a_plain_function_is_read_alike() -> None:
    assert check("return {'a': session.get(Order, number)}", PLAIN).models == ("Order",)


def test_nothing_may_be_returned_where_nothing_is_promised() -> None:
    assert check("pass", NOTHING).source == "pass"
    assert "returns nothing" in refused("return 1", NOTHING)[0][1]
    assert "returns values" in refused("pass")[0][1]
    assert "returns values" in refused("return")[0][1]


# Ways out, each by name


@pytest.mark.parametrize(
    ("code", "named"),
    [
        # files outside, and the platform's database and environment
        ("return {'a': open('/etc/passwd').read()}", "'open'"),
        ("from pathlib import Path\nreturn {}", "pathlib"),
        ("import os\nreturn {'a': os.environ}", "import os"),
        ("from common.settings import Settings\nreturn {}", "common.settings"),
        ("import sqlite3\nreturn {}", "import sqlite3"),
        ("from app.core.config import get_settings\nreturn {}", "app.core.config"),
        ("return {'a': session.get_bind()}", "session.get_bind"),
        ("return {'a': session.bind.url}", "session.bind"),
        ("return {'a': await session.connection()}", "session.connection"),
        ("from sqlalchemy import text as t\nreturn {}", "text"),
        (
            "return {'a': await session.execute('select 1').all()}; from sqlalchemy import text",
            "text",
        ),
        ("return {'a': select(Order.id.op('; vacuum')(1))}", "'op'"),
        ("return {'a': select(Order).prefix_with('x')}", "'prefix_with'"),
        ("return {'a': func.pg_read_file('x')}", "func.pg_read_file"),
        ("return {'a': func.load_extension('x')}", "func.load_extension"),
        ("f = func\nreturn {'a': f}", "`func`"),
        # the network and other processes
        ("import socket\nreturn {}", "import socket"),
        ("from urllib.request import urlopen\nreturn {}", "urllib.request"),
        ("import subprocess\nreturn {}", "import subprocess"),
        ("import os\nwhile True:\n    os.fork()", "import os"),
        ("from multiprocessing import Process\nreturn {}", "multiprocessing"),
        ("import asyncio\nreturn {}", "import asyncio"),
        # the function that imports, and its friends
        ("return {'a': __import__('os')}", "'__import__'"),
        ("return {'a': __builtins__}", "'__builtins__'"),
        ("return {'a': compile('1', '', 'single')}", "'compile'"),
        ("return {'a': globals()}", "'globals'"),
        ("return {'a': getattr(text, 'x')}", "'getattr'"),
        ("return {'a': vars()}", "'vars'"),
        ("return {'a': type(text)}", "'type'"),
        ("return {'a': object}", "'object'"),
        ("return {'a': super()}", "'super'"),
        ("import importlib\nreturn {}", "import importlib"),
        ("import builtins\nreturn {}", "import builtins"),
        ("return {'a': ().__class__.__base__.__subclasses__()}", "'__class__'"),
        ("return {'a': (x for x in ()).gi_frame}", "'gi_frame'"),
        ("return {'a': '{0.__init__}'.format(session)}", "'format'"),
        ("return {'a': '{a}'.format_map({})}", "'format_map'"),
        ("return {'a': statistics.sys}", "statistics.sys"),
        ("s = statistics\nreturn {'a': s}", "statistics"),
        ("import json as j\nreturn {}", "import json"),
        ("from json import codecs\nreturn {}", "codecs"),
        ("from app.models import base\nreturn {}", "base"),
        ("from app import models\nreturn {}", "models"),
        ("from . import place\nreturn {}", "place"),
        ("from sqlalchemy import *\nreturn {}", "*"),
        ("from __future__ import annotations\nreturn {}", "__future__"),
        (
            "try:\n    number / 0\nexcept Exception as e:\n    return {'a': e.__traceback__}",
            "__traceback__",
        ),
        ("try:\n    number / 0\nexcept Exception as e:\n    return {'a': e.tb_frame}", "tb_frame"),
        ("try:\n    pass\nexcept:\n    pass\nreturn {}", "which exception"),
        ("match number:\n    case int(real=x):\n        return {}", "class in a pattern"),
        ("ﬁlter = 1\nreturn {'a': _ﬁ}", "'_fi'"),
        # decorators, defaults, annotations and class bodies that run code
        ("@print\nasync def place(session, *, number, text):\n    return {}", "decorator"),
        ("async def place(session, *, number=print(), text=1):\n    return {}", "default"),
        ("async def place(session, *, number: print(), text):\n    return {}", "annotation"),
        ("async def place(session, *, number, text) -> open('x'):\n    return {}", "annotation"),
        ("async def place(session, *, number: 'print()', text):\n    return {}", "annotation"),
        ("class A:\n    print()\nreturn {}", "a class"),
        (
            "class A(metaclass=print):\n    pass\nasync def place(session): return {}",
            "class",
        ),
        ("if number:\n    class A:\n        pass\nreturn {}", "a class"),
        ("if number:\n    def inner(x=print()): ...\nreturn {}", "function within"),
        ("return {'a': (lambda x=open: x)()}", "lambda"),
        ("print()\nasync def place(session, *, number, text): return {}", "beside"),
        ("async def place(session, *, number, text): return {}\nprint()", "beside"),
        ("async def other(session, *, number, text): return {}", "beside"),
        ("def place(session, *, number, text): return {}", "beside"),
        ("async def place(session, number, text): return {}", "must be defined as"),
        ("async def place(session, *, number): return {}", "must be defined as"),
        ("async def place(session, *args, number, text): return {}", "must be defined as"),
        ("async def place(session, *, number, text, **more): return {}", "must be defined as"),
        ("yield 1", "yield"),
        ("global Order\nreturn {}", "global"),
        ("with session.begin():\n    return {}", "`with`"),
        ("assert number\nreturn {}", "`assert`"),
        # monkey-patching, of the tests or of anything else
        ("Order.state = 'paid'\nreturn {}", "Order is not to be changed"),
        ("for M in (Order,):\n    M.state = 1\nreturn {}", "Order may only"),
        ("M = max(Order, Order)\nM.state = 1\nreturn {}", "Order may only"),
        ("M = {}.get(1, Order)\nreturn {'a': M}", "Order may only"),
        ("select = max\nM = select(Order, Order)\nreturn {}", "Order may only"),
        ("isinstance = max\nM = isinstance(Order, Order)\nreturn {}", "Order may only"),
        ("M = Order if number else None\nreturn {}", "Order may only"),
        ("return Order", "Order may only"),
        ("select.name = 1\nreturn {}", "select is not to be changed"),
        ("session.execute = text\nreturn {}", "session is not to be changed"),
        ("func.count = max\nreturn {}", "func is not to be changed"),
        ("math.floor = max\nreturn {}", "math is not to be changed"),
        ("import tests.conftest\nreturn {}", "tests.conftest"),
        ("from tests import rows\nreturn {}", "tests"),
        ("import pytest\nreturn {}", "import pytest"),
        ("import sys\nreturn {'a': sys.modules}", "import sys"),
        ("s = session\nreturn {}", "session"),
        ("session = 1\nreturn {}", "session"),
        ("Order = 1\nreturn {}", "Order means something else"),
        ("for Order in []:\n    pass\nreturn {}", "Order means something else"),
        ("return {'a': [Order for Order in []]}", "Order means something else"),
        ("try:\n    pass\nexcept ValueError as Order:\n    pass\nreturn {}", "Order means"),
        ("await session.commit()\nreturn {}", "The route commits"),
        ("await session.rollback()\nreturn {}", "The route commits"),
        ("return {'a': Order.metadata.drop_all()}", "Order.metadata"),
        ("return {'a': Order.registry}", "Order.registry"),
        ("return {'a': Order.id.class_}", "'class_'"),
        ("return {'a': select(Order).column_descriptions}", "'column_descriptions'"),
        ("return {'a': select(Order.id.label('mapper')).mapper}", "'mapper'"),
        # the held-back examples
        ("return {'a': open('tests/operations/test_place.py').read()}", "'open'"),
        ("import inspect\nreturn {}", "import inspect"),
        # what would hide it
        ("return {'a': nothing}  # noqa: F821", "comment"),
        ("return {'a': 1}  # type: ignore", "comment"),
        ("# ruff: noqa\nreturn {}", "comment"),
        ("return {'a': 1}  # so it is  # NOQA", "comment"),
        # answers that are none
        ("raise HTTPException(500)", "400 to 499"),
        ("raise HTTPException(number)", "written out"),
        ("raise HTTPException(404, 'x', headers={'X-A': name})", "no argument 'headers'"),
        ("raise HTTPException(404, 'x', {'X-A': name})", "nothing else"),
        ("raise HTTPException(404, *['x', {'X-A': name}])", "nothing else"),
        ("both = ['x', {'X-A': name}]\nraise HTTPException(404, *both)", "nothing else"),
        ("raise HTTPException(**{'status_code': 200})", "written out"),
        ("return {'a': ...}", "written out"),
    ],
)
def test_a_way_out_is_shut(code: str, named: str) -> None:
    faults = refused(code)
    assert any(named in message for _, message in faults), faults


def test_a_plain_function_awaits_nothing() -> None:
    assert refused("return {'a': await session.get(Order, 1)}", PLAIN) == [
        (1, "`await` is not allowed: the function is a plain one")
    ]


def test_lines_are_those_of_what_was_sent() -> None:
    code = "\n\n    number = 1\n    text = open(text)\n    return {'a': os}\n"
    assert [line for line, _ in refused(code)] == [4, 5]


def test_so_many_faults_are_told_and_a_name_is_suggested_for_the_first() -> None:
    faults = refused("\n".join(["Produkt"] * 200))
    assert [line for line, _ in faults] == list(range(1, 21))
    assert ["Did you mean" in message for _, message in faults] == [True] * 3 + [False] * 17


def test_a_text_that_can_not_be_written_again_is_no_accident() -> None:
    code = "told = '''\n'''\nother = {}\nreturn {'a': 0x" + "f" * 30 + "}"
    assert check(code).source == (
        "told = '\\n'\nother = {}\nreturn {'a': 1329227995784915872903807060280344575}"
    )


def test_a_name_that_is_nearly_right_is_suggested() -> None:
    assert "Did you mean 'Product'?" in refused("return {'a': select(Produkt)}")[0][1]


@pytest.mark.parametrize(
    "code",
    [
        "return (",
        "return " + "-" * 15_000 + "1",
        "(" * 5_000 + ")" * 5_000,
        "return a" + ".b" * 9_000,
        "[" * 15_000,
        "lambda:" * 2_500 + "1",
        "not " * 4_900 + "1",
        "x if y else " * 1_500 + "z",
        "return [" + "1," * 7_000 + "]",
        "9" * 5_000,
        "return {}" + "#" * MAX_CODE,
        "\n".join(" " * depth + "if 1:" for depth in range(90)) + "\n" + " " * 91 + "pass",
        "return '\ud800'",
    ],
    ids=lambda code: code[:16],
)
def test_code_that_is_none_or_too_much_is_refused_soon(code: str) -> None:
    found: list[object] = []

    def look() -> None:  # as the API does it: in a thread, whose stack is smaller
        try:
            found.append(check(code))
        except BodyError as error:
            found.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(timeout=60)
    assert [type(one) for one in found] == [BodyError]
