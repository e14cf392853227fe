"""Documents that somebody might send who wishes us ill, and what has to come of each."""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple

Json = dict[str, Any]


class Hostile(NamedTuple):
    """One body, and what has to come of it."""

    name: str
    body: bytes
    expect: Literal["accept", "reject", "either"]
    place: str | None = None
    """A pointer: the refusal names it, its parent or something directly in it."""


KEY: Json = {"name": "id", "type": "Integer", "primary_key": True, "autoincrement": True}


def column(name: str, kind: str = "Integer", **members: Any) -> Json:
    return {"name": name, "type": kind, **members}


def table(name: str, *columns: Json, **members: Any) -> Json:
    class_name = "".join(part.capitalize() for part in name.split("_")) or "X"
    return {"table_name": name, "class_name": class_name, "columns": [KEY, *columns], **members}


def body(*tables: Json, **members: Any) -> bytes:
    document = {"project_name": "hostile", "db_type": "sqlite", "schema": list(tables), **members}
    return json.dumps(document).encode()


def things(*columns: Json, **members: Any) -> bytes:
    return body(table("things", *columns, **members))


def raw(text: str, *, place: str = "default") -> bytes:
    """A document with JSON as it stands for a member of its second column."""
    kind = {"name": "x", "type": "JSON"} if place == "default" else {"name": "x", "type": "String"}
    return things({**kind, place: "@"}).replace(b'"@"', text.encode())


def to_things(**members: Any) -> Json:
    return {"target_table": "things", "target_class": "Things", **members}


COLUMN = "/schema/0/columns/1"
DEFAULT = f"{COLUMN}/default"
CHECK = "/schema/0/checks/0"
FOREIGN = "/schema/0/foreign_keys/0"
SAYING = {"name": "word", "type": "String", "length": 40}

NAMES = [
    *(
        Hostile(f"column {ascii(name)[:30]}", things(column(name)), "reject", f"{COLUMN}/name")
        for name in (
            *("n\u0430me", "\uff49d", "na\u200bme", "\u202enam", "caf\u00e9", "x\u0301", "\u2126"),
            *(
                "",
                " ",
                "a b",
                "a-b",
                "a.b",
                "1st",
                'a"b',
                "a'b",
                "a`b",
                "a\\b",
                "a\nb",
                "a;b",
                "a{b}",
            ),
            *("x" * 64, "ID", "Id", "a)", "{{x}}", "\u0660"),
        )
    ),
    *(
        Hostile(
            f"class {ascii(name)[:30]}", body(table("a") | {"class_name": name}), "reject", place
        )
        for place in ("/schema/0/class_name",)
        for name in (
            "\u0410dmin",
            "True",
            "None",
            "thing",
            "A b",
            "A(B)",
            "",
            "A" * 101,
            "A\n",
            "_A",
        )
    ),
    *(
        Hostile(
            f"table {ascii(name)[:30]}", body(table("a") | {"table_name": name}), "reject", place
        )
        for place in ("/schema/0/table_name",)
        for name in (
            "alembic_version",
            "sqlite_x",
            "Users",
            "a.b",
            "../a",
            "a b",
            "",
            "a\x00\n",
            "\u0430",
        )
    ),
    *(
        Hostile(f"class {name}", body(table("a") | {"class_name": name}), "accept")
        for name in ("Base", "Session", "Enum", "Any", "Page", "HTTPException", "Field", "Integer")
    ),
    *(
        Hostile(f"project {ascii(name)[:20]}", body(table("a"), project_name=name), "reject", place)
        for place in ("/project_name",)
        for name in ("..", "-", "a/b", "", "a" * 101, ".git", "a b", "a\n", "\u0430", "$(id)")
    ),
    *(
        Hostile(f"project {name}", body(table("a"), project_name=name), "accept")
        for name in ("sqlalchemy", "app", "con", "1", "-a-", "__a__")
    ),
    Hostile(
        "names that SQLAlchemy and Pydantic keep",
        things(
            *(
                column(name)
                for name in (
                    *("metadata", "registry", "model_config", "query", "self", "cls", "copy"),
                    *("json", "dict", "schema", "session", "sort", "limit", "body", "response"),
                    *("_sa_instance_state", "__class__", "__init__", "__table__", "__mapper__"),
                )
            ),
        ),
        "accept",
    ),
    Hostile(
        "id that is no key",
        body(
            {
                "table_name": "a",
                "class_name": "A",
                "columns": [column("k", primary_key=True), column("id")],
            }
        ),
        "accept",
    ),
]

NUMBERS = [
    *(
        Hostile(f"length {text[:12]}", raw(text, place="length"), "reject", f"{COLUMN}/length")
        for text in ("0", "-1", "1.0", "1e2", '"9"', "true", "10485761", "9" * 400, "[]", "{}")
    ),
    Hostile("length of 5000 digits", raw("9" * 5000, place="length"), "reject"),
    Hostile(
        "precision",
        things(column("x", "Numeric", precision=10**9)),
        "reject",
        f"{COLUMN}/precision",
    ),
    Hostile("scale alone", things(column("x", "Numeric", scale=2)), "reject", f"{COLUMN}/scale"),
    *(
        Hostile(
            f"{kind} {str(value)[:20]}",
            things(column("x", kind, default=value, **more)),
            "reject",
            DEFAULT,
        )
        for kind, value, more in (
            ("SmallInteger", 2**15, {}),
            ("Integer", -(2**31) - 1, {}),
            ("BigInteger", 2**63, {}),
            ("BigInteger", 10**300, {}),
            ("Integer", 1.5, {}),
            ("Integer", True, {}),
            ("Boolean", 1, {}),
            ("String", "xx", {"length": 1}),
            ("String", 5, {}),
            ("Float", "1", {}),
            ("Numeric", "1e5", {}),
            ("Numeric", "NaN", {}),
            ("Numeric", 100, {"precision": 2, "scale": 1}),
            ("Date", "2024-02-30", {}),
            ("Date", "0000-01-01", {}),
            ("DateTime", "2024-01-01", {}),
            ("DateTime", "0001-01-01T00:00:00+14:00", {}),
            ("DateTime", "now", {}),
            ("Time", "24:00:00", {}),
            ("Time", "10:00Z", {}),
            ("Interval", "P1Y", {}),
            ("Interval", "P9999999D", {}),
            ("UUID", "x", {}),
            ("UUID", "{00000000-0000-0000-0000-000000000000}", {}),
            ("LargeBinary", "no base64!", {}),
            ("Enum", "c", {"values": ["a", "b"]}),
            ("Integer", None, {"nullable": False}),
        )
    ),
    Hostile("a number beyond floats", raw("1e400"), "reject"),
    Hostile("a number of 5000 digits", raw("9" * 5000), "either"),
    Hostile("minus zero", raw("-0.0"), "accept"),
]

ENUMS = [
    Hostile(
        "1000 values",
        things(column("x", "Enum", values=[f"v{n}" for n in range(1000)])),
        "reject",
        f"{COLUMN}/values",
    ),
    Hostile(
        "100 values", things(column("x", "Enum", values=[f"v{n}" for n in range(100)])), "accept"
    ),
    Hostile("no values", things(column("x", "Enum", values=[])), "reject", f"{COLUMN}/values"),
    Hostile("values missing", things(column("x", "Enum")), "reject", COLUMN),
    Hostile(
        "twice the same",
        things(column("x", "Enum", values=["a", "b", "a"])),
        "reject",
        f"{COLUMN}/values/2",
    ),
    Hostile(
        "the same without NUL",
        things(column("x", "Enum", values=["a", "a\x00"])),
        "reject",
        f"{COLUMN}/values/1",
    ),
    Hostile(
        "64 bytes",
        things(column("x", "Enum", values=["\u00fc" * 32])),
        "reject",
        f"{COLUMN}/values/0",
    ),
    Hostile(
        "values that look alike",
        things(
            column(
                "x",
                "Enum",
                values=["a", "\u0430", "A", "a ", " a", "a\u200b", "\u00e9", "e\u0301", "", " "],
            )
        ),
        "accept",
    ),
    Hostile(
        "values with meanings",
        things(
            column(
                "x",
                "Enum",
                values=[
                    "__class__",
                    "_ignore_",
                    "mro",
                    "name",
                    "value",
                    "None",
                    "a/b",
                    "..",
                    "%s",
                    "{}",
                    "\n",
                    "'",
                    '"',
                    "\\",
                ],
                default="\n",
            )
        ),
        "accept",
    ),
    Hostile(
        "values of a text", things(column("x", "Text", values=["a"])), "reject", f"{COLUMN}/values"
    ),
    Hostile(
        "an enum as a key, with slashes",
        body(
            {
                "table_name": "a",
                "class_name": "A",
                "columns": [column("k", "Enum", values=["/", "a/b", "..", "?"], primary_key=True)],
            }
        ),
        "either",
    ),
]


def checks(text: str) -> bytes:
    return things(column("x"), SAYING, checks=[text])


CONDITIONS = [
    *(
        Hostile(f"check {text[:40]!r}", checks(text), "reject", CHECK)
        for text in (
            *(
                "",
                " ",
                "x",
                "1 = 1",
                "x > (select 1)",
                "x in (select id from things)",
                "abs(x) > 1",
            ),
            *(
                "x > 1 -- really",
                "x > 1 /* really */",
                "x > 1; x < 2",
                "x > 1e5",
                "x > \u0663",
                "x > 1)",
            ),
            *(
                "x >",
                "x = 'a'",
                "word = 1",
                "y > 1",
                "x like 'a'",
                "x || word = 'a'",
                "word = 'a' 'b'",
            ),
            *(
                'word = "a"',
                "word = E'a'",
                "word = N'a'",
                "x = 0x10",
                "x is",
                "x between 1",
                "x in ()",
            ),
            *(
                "(" * 400 + "x > 1" + ")" * 400,
                "not " * 200 + "x > 1",
                " and ".join(["x > 1"] * 60),
            ),
            *(
                "word = 'a\nb",
                "x = null",
                "x > :y",
                "x > %s",
                "x > {x}",
                "\u00a0x > 1\u2028",
                "x = +1",
            ),
        )
    ),
    Hostile(
        "checks full of quotes",
        things(
            column("x"),
            SAYING,
            checks=[
                "word <> '''); drop --'",
                'word <> \'"""\'',
                "word <> '\\'",
                "word <> '%s :x {x} {{x}}'",
                "word <> '\n\u2028'",
            ],
        ),
        "accept",
    ),
]

KEYS = [
    *(
        Hostile(
            f"composite {name}",
            body(
                table(
                    "a",
                    column("x"),
                    column("y"),
                    column("w", "Text"),
                    foreign_keys=[
                        {"columns": mine, "target_table": target, "target_columns": theirs}
                    ],
                ),
                table("b", column("p"), column("q"), unique=[["p", "q"]]),
            ),
            "reject",
            f"{FOREIGN}/columns" if name == "in other order" else FOREIGN,
        )
        for name, mine, target, theirs in (
            ("of other length", ["x", "y"], "b", ["p"]),
            ("in other order", ["x", "w"], "b", ["q", "p"]),
            ("of nothing", [], "b", []),
            ("to itself", ["id"], "a", ["id"]),
            ("twice the same", ["x", "x"], "b", ["p", "q"]),
            ("to what is not unique", ["x", "y"], "b", ["id", "p"]),
        )
    ),
    *(
        Hostile(
            f"target {target!r}",
            things(column("x", "ForeignKey", target=target)),
            "reject",
            f"{COLUMN}/target",
        )
        for target in (
            "things",
            "things.",
            ".id",
            "a.b.c",
            "things.id ",
            "Things.id",
            "things.x",
            "\u0442hings.id",
            "things.id; --",
        )
    ),
    Hostile(
        "a chain of twenty",
        body(
            *(
                {
                    "table_name": f"t{n}",
                    "class_name": f"T{n}",
                    "columns": [column("k", "ForeignKey", target=f"t{n + 1}.k", primary_key=True)],
                }
                for n in range(20)
            ),
            {
                "table_name": "t20",
                "class_name": "T20",
                "columns": [column("k", "Enum", values=["a", "b"], primary_key=True)],
            },
        ),
        "accept",
    ),
    Hostile(
        "a ring of five that can't be null",
        body(
            *(
                table(
                    f"t{n}",
                    column("next", "ForeignKey", target=f"t{(n + 1) % 5}.id", nullable=False),
                )
                for n in range(5)
            )
        ),
        "accept",
    ),
    Hostile(
        "a ring of nothing but keys",
        body(
            *(
                {
                    "table_name": f"t{n}",
                    "class_name": f"T{n}",
                    "columns": [
                        column("k", "ForeignKey", target=f"t{(n + 1) % 9}.k", primary_key=True)
                    ],
                }
                for n in range(9)
            )
        ),
        "reject",
        "/schema/0/columns/0/target",
    ),
    Hostile(
        "set null on not null",
        things(column("x", "ForeignKey", target="things.id", nullable=False, on_delete="SET NULL")),
        "reject",
        f"{COLUMN}/on_delete",
    ),
    Hostile(
        "autoincrement elsewhere",
        things(column("x", autoincrement=True)),
        "reject",
        f"{COLUMN}/autoincrement",
    ),
    Hostile(
        "an index of nothing", things(column("x"), indexes=[[]]), "reject", "/schema/0/indexes/0"
    ),
    Hostile(
        "an index twice over a column",
        things(column("x"), indexes=[["x", "x"]]),
        "reject",
        "/schema/0/indexes/0",
    ),
    Hostile(
        "an index of 40 columns",
        things(
            *(column(f"c{n}") for n in range(40)), indexes=[[f"c{n}" for n in range(40)]]
        ).replace(b"sqlite", b"postgresql"),
        "reject",
        "/schema/0/indexes/0",
    ),
    Hostile(
        "the same unique twice",
        things(column("x"), column("y"), unique=[["x", "y"], ["y", "x"], ["x", "y"]]),
        "either",
    ),
    Hostile(
        "every column unique and indexed",
        things(*(column(f"c{n}", unique=True, index=True) for n in range(40))),
        "accept",
    ),
    Hostile(
        "a json as a key",
        body(
            {
                "table_name": "a",
                "class_name": "A",
                "columns": [column("k", "JSON", primary_key=True)],
            }
        ),
        "reject",
        "/schema/0/columns/0",
    ),
]

LINKS = [
    *(
        Hostile(
            f"relationship {name!r}",
            body(
                table(
                    "things",
                    column("x", "ForeignKey", target="things.id"),
                    relationships=[to_things(type="many_to_one", name=name)],
                )
            ),
            "reject",
            "/schema/0/relationships/0/name",
        )
        for name in (
            "x",
            "id",
            "metadata",
            "registry",
            "class",
            "",
            "a b",
            "\u0430",
            "_x",
            "x" * 201,
            "__init__",
        )
    ),
    *(
        Hostile(
            f"relationship called {name}",
            body(
                table(
                    "things",
                    column("x", "ForeignKey", target="things.id"),
                    relationships=[to_things(type="many_to_one", name=name)],
                )
            ),
            "accept",
        )
        for name in (
            "query",
            "type_annotation_map",
            "sa",
            "orm",
            "things",
            "Things",
            "select",
            "self",
        )
    ),
    Hostile(
        "to itself, many to many", things(relationships=[to_things(type="many_to_many")]), "accept"
    ),
    Hostile(
        "two between the same tables",
        body(
            table("things"),
            table(
                "tags",
                relationships=[
                    to_things(type="many_to_many", name="one", back_populates="ones"),
                    to_things(type="many_to_many", name="two", back_populates="twos"),
                ],
            ),
        ),
        "either",
    ),
    Hostile(
        "both sides called the same",
        things(relationships=[to_things(type="many_to_many", name="same", back_populates="same")]),
        "reject",
        "/schema/0/relationships/0/back_populates",
    ),
    Hostile(
        "through a table of one key",
        body(
            table("things", relationships=[to_things(type="many_to_many", secondary="links")]),
            table("links", column("x", "ForeignKey", target="things.id")),
        ),
        "reject",
        "/schema/0/relationships/0/secondary",
    ),
    Hostile(
        "through a table with a bad name",
        things(relationships=[to_things(type="many_to_many", secondary="a; drop")]),
        "reject",
        "/schema/0/relationships/0/secondary",
    ),
    Hostile(
        "of the wrong class",
        things(
            relationships=[
                {"target_table": "things", "target_class": "Thing", "type": "many_to_many"}
            ]
        ),
        "reject",
        "/schema/0/relationships/0/target_class",
    ),
]

FORMS = [
    Hostile("nothing", b"", "reject"),
    Hostile("half", things()[:-5], "reject"),
    Hostile("twice", things() * 2, "reject"),
    Hostile("null", b"null", "reject"),
    Hostile("a number", b"7", "reject"),
    Hostile("bytes", bytes(range(256)), "reject"),
    Hostile("utf-16", things().decode().encode("utf-16"), "reject"),
    Hostile("latin-1", things(column("x", "Text", default="@")).replace(b"@", b"\xe4"), "reject"),
    Hostile("a surrogate alone", raw('"\\ud800"'), "reject"),
    Hostile("NaN", raw("NaN"), "reject"),
    Hostile("a byte order mark", b"\xef\xbb\xbf" + things(), "accept"),
    Hostile("deep arrays", raw("[" * 10_000 + "]" * 10_000), "reject"),
    Hostile("deep objects", raw('{"a":' * 10_000 + "1" + "}" * 10_000), "reject"),
    Hostile("only brackets", b"[" * 200_000, "reject"),
    Hostile("a member twice", raw('1, "default": 2'), "reject"),
    Hostile("unknown, with slashes", body(table("a"), **{"a/b~c": 1}), "reject", "/a~1b~0c"),
    Hostile(
        "unknown, like a prototype", body(table("a"), __proto__={"x": 1}), "reject", "/__proto__"
    ),
    Hostile("a member of 2000 characters", body(table("a"), **{"x" * 2000: 1}), "reject"),
    Hostile(
        "a thousand unknown members", body(table("a"), **{f"m{n}": 1 for n in range(900)}), "reject"
    ),
    Hostile("a table that is a text", body(table("a"), "b"), "reject", "/schema/1"),
    Hostile(
        "columns that are an object",
        body({"table_name": "a", "class_name": "A", "columns": {}}),
        "reject",
        "/schema/0/columns",
    ),
    Hostile("51 tables", body(*(table(f"t{n}") for n in range(51))), "reject", "/schema"),
    Hostile(
        "101 columns", things(*(column(f"c{n}") for n in range(100))), "reject", "/schema/0/columns"
    ),
    Hostile(
        "101 checks", things(column("x"), checks=["x > 1"] * 101), "reject", "/schema/0/checks"
    ),
    Hostile(
        "a text of 1001 characters",
        things(column("x", "Text", default="x" * 1001)),
        "reject",
        DEFAULT,
    ),
    Hostile(
        "a level that there is not",
        body(table("a"), run={"verify": "maximal"}),
        "reject",
        "/run/verify",
    ),
    Hostile(
        "an option that is a text",
        body(table("a", options={"use_timestamps": "no"})),
        "reject",
        "/schema/0/options/use_timestamps",
    ),
]

LARGE = [
    Hostile(
        "as large as can be",
        body(
            *(
                table(
                    f"t{n}",
                    *(
                        column(f"c{m}", "Numeric", precision=9, scale=2, default="1.25", index=True)
                        for m in range(99)
                    ),
                )
                for n in range(50)
            )
        ),
        "accept",
    ),
    Hostile(
        "all refer to all",
        body(
            *(
                table(
                    f"t{n}", *(column(f"c{m}", "ForeignKey", target=f"t{m}.id") for m in range(50))
                )
                for n in range(50)
            )
        ),
        "accept",
    ),
    Hostile(
        "a thousand faults",
        body(
            *(
                table(
                    f"t{n}", *(column(f"c{m}", "ForeignKey", target=f"x{m}.id") for m in range(50))
                )
                for n in range(50)
            )
        ),
        "reject",
    ),
]

HOSTILE = [*NAMES, *NUMBERS, *ENUMS, *CONDITIONS, *KEYS, *LINKS, *FORMS, *LARGE]
