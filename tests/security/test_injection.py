"""Every string of a document is either refused where it stands, or is text and nothing more.

That projects made of such text also do nothing when they run: `tests/generated/test_injection.py`.
"""

from __future__ import annotations

import ast
import configparser
import functools
import json
import tokenize
import tomllib
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

import pytest
import yaml

from common.document.limits import DocumentLimits
from common.document.models import ProjectDocument
from common.document.names import MAX_NAME_BYTES
from common.document.read import read_document
from common.errors import RequestError
from tests.security.payloads import (
    MARK,
    PAYLOADS,
    SUMMED,
    Pointer,
    string_members,
    strings_of,
    with_text,
)
from workers.plan.make import make_plan
from workers.stages import render
from workers.stages.implement import own_bodies

LIMITS = DocumentLimits()
MEMBERS = string_members(ProjectDocument.model_json_schema())
FREE = {
    "description",
    "operations[].description",
    "operations[].examples[].call{}",
    "operations[].examples[].expect{}",
    "operations[].examples[].given{}[]{}",
    "operations[].examples[].then{}[]{}",
    "schema[].checks[]",
    "schema[].columns[].default",
    "schema[].columns[].description",
    "schema[].columns[].values[]",
    "schema[].description",
    "schema[].relationships[].description",
}
"""Where text may be any text, of some form or other; everywhere else there are names and words."""

DOCUMENT: dict[str, Any] = {
    "project_name": "case",
    "db_type": "postgresql",
    "description": "text",
    "schema": [
        {
            "table_name": "things",
            "class_name": "Thing",
            "description": "text",
            "columns": [
                {"name": "id", "type": "Integer", "primary_key": True, "autoincrement": True},
                {"name": "note", "type": "String", "length": 300, "default": "text"},
                {"name": "long", "type": "Text", "default": "text", "description": "text"},
                {"name": "kind", "type": "Enum", "values": ["text"]},
                {"name": "extra", "type": "JSON", "default": {"text": ["text", {"a": "text"}]}},
                {"name": "amount", "type": "Numeric", "precision": 8, "scale": 2, "default": "1"},
                {"name": "at", "type": "DateTime", "default": "2024-01-01T00:00:00Z"},
                {"name": "blob", "type": "LargeBinary", "default": "AAAA"},
                {
                    "name": "parent_id",
                    "type": "ForeignKey",
                    "target": "things.id",
                    "on_delete": "SET NULL",
                    "description": "text",
                },
                {"name": "left", "type": "Integer"},
                {"name": "right", "type": "Integer"},
            ],
            "relationships": [
                {
                    "target_table": "things",
                    "target_class": "Thing",
                    "type": "many_to_one",
                    "foreign_key": "parent_id",
                    "name": "parent",
                    "back_populates": "children",
                    "description": "text",
                },
                {
                    "target_table": "pairs",
                    "target_class": "Pair",
                    "type": "many_to_many",
                    "secondary": "links",
                    "description": "text",
                },
            ],
            "unique": [["note", "left"]],
            "indexes": [["note", "right"]],
            "foreign_keys": [
                {
                    "columns": ["left", "right"],
                    "target_table": "pairs",
                    "target_columns": ["a", "b"],
                    "on_delete": "CASCADE",
                }
            ],
            "checks": ["note <> 'text'"],
        },
        {
            "table_name": "pairs",
            "class_name": "Pair",
            "columns": [
                {"name": "a", "type": "Integer", "primary_key": True},
                {"name": "b", "type": "Integer", "primary_key": True},
            ],
        },
        {
            "table_name": "links",
            "class_name": "Link",
            "columns": [
                {
                    "name": "thing_id",
                    "type": "ForeignKey",
                    "target": "things.id",
                    "primary_key": True,
                },
                {"name": "a", "type": "Integer", "primary_key": True},
                {"name": "b", "type": "Integer", "primary_key": True},
            ],
            "foreign_keys": [
                {"columns": ["a", "b"], "target_table": "pairs", "target_columns": ["a", "b"]}
            ],
        },
    ],
    "operations": [
        {
            "name": "say",
            "table": "things",
            "method": "POST",
            "description": "text",
            "input": {"said": "String"},
            "returns": {"heard": "String"},
            "body": "return {'heard': said}",
            "examples": [
                {
                    "given": {"things": [{"id": 1, "note": "text"}]},
                    "call": {"said": "text"},
                    "expect": {"returns": {"heard": "text"}},
                    "then": {"things": [{"id": 1, "note": "text"}]},
                }
            ],
        }
    ],
    "options": {"database_api": "async", "auth": "jwt", "on_unproven": "fail"},
    "run": {"verify": "none", "require_engine": "postgresql"},
}
PLACES = list(strings_of(DOCUMENT, MEMBERS))


def test_the_document_has_a_string_wherever_one_can_be() -> None:
    reading = read_document(DOCUMENT, LIMITS)
    assert reading.faults == ()
    assert {member for member, _ in PLACES} == MEMBERS, "a new member needs a place in DOCUMENT"
    assert FREE < MEMBERS


def said(member: str, payload: str) -> str:
    """The payload in the form that the member has."""
    if member == "schema[].checks[]":
        return "note <> '" + payload.replace("'", "''") + "'"
    return payload


def refusals(pointer: Pointer, text: str) -> list[str]:
    """Where the document is at fault once it says the text there; empty where that is let in."""
    try:
        faults = read_document(with_text(DOCUMENT, pointer, text), LIMITS).faults
    except RequestError as error:
        faults = error.faults
    return [fault.pointer for fault in faults]


FEW = PAYLOADS[::6]
"""Of a name it does not matter which of its characters it can't have."""


@pytest.mark.parametrize("member", sorted(MEMBERS - FREE))
def test_what_is_a_name_or_a_word_is_nothing_else(member: str) -> None:
    pointer = next(pointer for each, pointer in PLACES if each == member)
    steps = pointer[:-2] if pointer[-1] == "~" else pointer
    place = "".join(f"/{step}" for step in steps)
    for payload in FEW:
        refused = refusals(pointer, payload)
        assert any(each.startswith(place) for each in refused), (payload, refused)


@functools.cache
def let_in() -> dict[str, list[tuple[str, Pointer]]]:
    """For each payload, the places of free text that it is let in at."""
    return {
        payload: [
            (member, pointer)
            for member, pointer in PLACES
            if member in FREE and not refusals(pointer, said(member, payload))
        ]
        for payload in PAYLOADS
    }


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_free_text_is_let_in(payload: str) -> None:
    too_long = {"schema[].columns[].values[]"} if len(payload.encode()) > MAX_NAME_BYTES else set()
    assert {member for member, _ in let_in()[payload]} >= FREE - too_long


@functools.cache
def projects() -> dict[str, Mapping[str, str]]:
    """For each payload, the files of a project that says it in all places that let it in."""
    made = {}
    for payload in PAYLOADS:
        document = DOCUMENT
        # Keys last, and the inner ones first: pointers lead through them
        places = sorted(let_in()[payload], key=lambda each: (each[1][-1] == "~", -len(each[1])))
        for member, pointer in places:
            document = with_text(document, pointer, said(member, payload))
        reading = read_document(document, LIMITS)
        assert reading.resolved is not None, (payload, reading.faults)
        plan = make_plan(reading.resolved)
        # Not yet formatted, which changes no string: that alone takes longer than all the rest
        made[payload] = dict(render._lay_out(plan, own_bodies(plan)))
    return made


def code_of(text: str) -> Iterator[str]:
    """All of a module but its strings; of f-strings nothing is left out."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.JoinedStr):
            yield ast.unparse(node)
        for member in ("id", "attr", "name", "arg", "module", "asname"):
            if isinstance(found := getattr(node, member, None), str):
                yield found
    for token in tokenize.generate_tokens(StringIO(text).readline):
        if token.type != tokenize.STRING:
            yield token.string


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_what_is_let_in_is_text_and_nothing_more(payload: str) -> None:
    files = projects()[payload]
    seen = 0
    for path, text in files.items():
        assert MARK not in path
        assert SUMMED not in text, f"somebody worked it out in {path}"
        if path.endswith(".py") and MARK in text:
            seen += 1
            with warnings.catch_warnings(action="error"):
                compile(text, path, "exec", dont_inherit=True)
            assert not [code for code in code_of(text) if MARK in code], path
        elif path not in {"README.md", "pyproject.toml"}:
            assert MARK not in text, path
    assert seen > 5


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_other_files_hold_what_they_hold_without_it(payload: str) -> None:
    files, usual = projects()[payload], projects()[PAYLOADS[0]]
    assert files.keys() == usual.keys()
    for path in files:
        if path.endswith((".yml", ".yaml")):
            assert yaml.safe_load(files[path]) == yaml.safe_load(usual[path])
        elif not path.endswith((".py", "README.md", "pyproject.toml")):
            assert files[path] == usual[path], path
    project = tomllib.loads(files["pyproject.toml"])
    assert project["project"].pop("description") == payload
    assert MARK not in json.dumps(project)
    settings = configparser.ConfigParser({"here": "/project"})
    settings.read_string(files["alembic.ini"])
    assert dict(settings["alembic"])  # and each of its values can be worked out
    headings = [line for line in files["README.md"].splitlines() if line.startswith("#")]
    assert not [line for line in headings if MARK in line]


def test_every_place_of_free_text_reaches_some_file() -> None:
    """Else the tests above would prove nothing of it."""
    reached = defaultdict(bool)
    for number, (member, pointer) in enumerate(PLACES):
        if member not in FREE or pointer[-1] == "~":
            continue
        word = f"unheard{number}of"
        document = with_text(DOCUMENT, pointer, said(member, word))
        reading = read_document(document, LIMITS)
        if reading.resolved is None:
            continue  # a number, a moment, bytes
        plan = make_plan(reading.resolved)
        files = dict(render._lay_out(plan, own_bodies(plan)))
        reached[member] |= any(word in text for text in files.values())
    assert reached == dict.fromkeys(FREE, True)
