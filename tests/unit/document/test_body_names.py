"""Names in bodies: what a name means, and that none can be made to mean something else."""

from __future__ import annotations

import ast
import builtins
import symtable
import textwrap

import pytest

from common.document.gate import BodyError, Signature, Words, check_body
from common.document.gate.names import find_names
from common.document.gate.words import BUILTINS, FREE, FREE_MODULES, IMPLIED

WORDS = Words(models=frozenset({"Order", "order_tags"}), attributes=frozenset({"id", "total"}))
SIGNATURE = Signature("place", ("number", "text"), "PlaceReturns", asynchronous=True)
UNLISTED = sorted({*dir(builtins)} - BUILTINS - {"None", "True", "False", "__debug__"})
MEANT = sorted({*FREE, *FREE_MODULES, *IMPLIED, *WORDS.models, "session", "PlaceReturns"})

BINDINGS = {
    "assignment": "NAME = 1",
    "annotated": "NAME: int = 1",
    "annotated, without a value": "NAME: int",
    "augmented": "NAME += 1",
    "unpacking": "(a, [b, NAME]) = (1, (2, 3))",
    "starred": "a, *NAME = (1, 2)",
    "for": "for NAME in ():\n    pass",
    "for, unpacking": "for a, NAME in ():\n    pass",
    "async for": "async for NAME in a():\n    pass",
    "with": "with a() as NAME:\n    pass",
    "except": "try:\n    pass\nexcept ValueError as NAME:\n    pass",
    "walrus": "(NAME := 1)",
    "walrus in a comprehension": "a = [(NAME := b) for b in ()]",
    "list comprehension": "a = [NAME for NAME in ()]",
    "set comprehension": "a = {NAME for NAME in ()}",
    "dict comprehension": "a = {NAME: 1 for NAME in ()}",
    "generator": "a = any(NAME for NAME in ())",
    "comprehension within another": "a = [[1 for NAME in ()] for b in ()]",
    "comprehension, second part": "a = [b for b in () for NAME in ()]",
    "comprehension, unpacking": "a = [b for b, (*NAME,) in ()]",
    "lambda": "a = lambda NAME: 0",
    "lambda, by name": "a = lambda *, NAME: 0",
    "lambda, by place": "a = lambda NAME, /: 0",
    "lambda, all": "a = lambda *NAME: 0",
    "lambda, all names": "a = lambda **NAME: 0",
    "import": "import math as NAME",
    "import from": "from math import floor as NAME",
    "import of it": "import NAME",
    "import from, of it": "from math import NAME",
    "match": "match number:\n    case NAME:\n        pass",
    "match, as": "match number:\n    case 1 as NAME:\n        pass",
    "match, rest of a list": "match number:\n    case [*NAME]:\n        pass",
    "match, rest of a mapping": "match number:\n    case {**NAME}:\n        pass",
    "match, within": "match number:\n    case {'a': [NAME, _]}:\n        pass",
    "del": "del NAME",
    "global": "global NAME\nNAME = 1",
    "nonlocal": "nonlocal NAME\nNAME = 1",
    "function": "def NAME(): ...",
    "class": "class NAME: ...",
}
"""Every way in which Python gives a name a meaning."""


def passes(code: str) -> bool:
    try:
        check_body(code, SIGNATURE, WORDS)
    except BodyError:
        return False
    return True


def named(code: str, name: str) -> str:
    return code.replace("NAME", name)


@pytest.mark.parametrize("binding", BINDINGS.values(), ids=BINDINGS)
def test_no_builtin_can_be_had_by_giving_its_name_away(binding: str) -> None:
    assert len(UNLISTED) > 90
    for name in UNLISTED:
        for code in (f"{binding}\nreturn {{}}", f"x = NAME\n{binding}\nreturn {{}}"):
            assert not passes(named(code, name)), named(code, name)


@pytest.mark.parametrize("binding", BINDINGS.values(), ids=BINDINGS)
def test_what_has_a_meaning_gets_no_other(binding: str) -> None:
    may_be = {"import": {"math"}, "import of it": {*FREE_MODULES}, "import from": {"floor"}}
    for name in [*MEANT, *sorted(BUILTINS)]:
        [kind] = [kind for kind, code in BINDINGS.items() if code == binding]
        if name not in may_be.get(kind, set()):
            assert not passes(named(f"{binding}\nreturn {{}}", name)), named(binding, name)


@pytest.mark.parametrize("name", UNLISTED)
def test_no_builtin_is_there_that_is_not_listed(name: str) -> None:
    for code in ("x = NAME\nreturn {}", "NAME(1)\nreturn {}", "x = f'{NAME}'\nreturn {}"):
        assert not passes(named(code, name))


@pytest.mark.parametrize("binding", BINDINGS.values(), ids=BINDINGS)
def test_a_name_is_known_where_the_compiler_knows_it(binding: str) -> None:
    around = "x = NAME\n{}\nreturn [NAME for a in NAME if (lambda b: NAME)]".format
    for code in (binding, around(binding), f"x = lambda: NAME\n{binding}", f"{binding}\nNAME"):
        if any(word in binding for word in ("import", "def ", "class ", "global", "nonlocal")):
            continue  # refused for what they are
        statements = ast.parse(named(code, "thing")).body
        names = find_names(statements, SIGNATURE.inputs)
        assert (set(names.given), set(names.own)) == compiled(named(code, "thing"))


def compiled(code: str) -> tuple[set[str], set[str]]:
    """What the standard library's own tables say: names that are global, and names that are not."""
    source = "async def place(number, text):\n" + textwrap.indent(code, "    ")
    tables = [*symtable.symtable(source, "place", "exec").get_children()]
    given: set[str] = set()
    own: set[str] = set()
    for table in tables:  # grows as it goes
        tables += table.get_children()
        for symbol in table.get_symbols():
            if symbol.get_name().startswith("."):
                continue  # what a comprehension goes through first
            (given if symbol.is_global() else own).add(symbol.get_name())
    return given, own


@pytest.mark.parametrize(
    "code",
    [
        "hidden = [thing for thing in ()]\nreturn {'a': thing}",
        "hidden = lambda thing: 0\nreturn {'a': thing}",
        "hidden = [thing for thing in thing]\nreturn {}",
        "hidden = [a for thing in () for a in thing]\nreturn {'a': thing}",
        "return {'a': [a for b in ()], 'b': [b for a in ()]}",
    ],
)
def test_a_name_is_known_only_where_it_has_a_value(code: str) -> None:
    assert not passes(code)


@pytest.mark.parametrize(
    "code",
    [
        "hidden = [thing for thing in ()]\nreturn {'a': hidden}",
        "adds = lambda thing: thing + number\nreturn {'a': adds(1)}",
        "things = [number]\nreturn {'a': [[thing, a] for a in things for thing in things]}",
        "if [found := thing for thing in (1, 2)]:\n    return {'a': found}\nreturn {}",
        "number += 1\ntext = text.strip()\nreturn {'a': [number for number in (1,)], 'b': text}",
        "try:\n    pass\nexcept ValueError as error:\n    return {'a': str(error)}\nreturn {}",
        "match number:\n    case [first, *others]:\n        return {'a': others}\nreturn {}",
        "match number:\n    case {'a': first, **others}:\n        return others\nreturn {}",
    ],
)
def test_ordinary_names_are_free(code: str) -> None:
    assert passes(code)


def test_what_is_imported_means_one_thing() -> None:
    assert passes("import datetime\nimport datetime\nreturn {'a': datetime.date}")
    assert not passes("import datetime\nfrom datetime import datetime\nreturn {}")
    assert not passes("from datetime import datetime\nimport datetime\nreturn {}")
