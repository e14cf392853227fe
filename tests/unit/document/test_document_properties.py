from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.document.limits import DocumentLimits
from common.document.read import read_document
from common.errors import RequestError

FOLDER = Path(__file__).parents[3] / "examples"
SOURCES = [json.loads(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))]

WORDS = st.sampled_from(
    [
        "id",
        "users",
        "posts.id",
        "users.id",
        "class",
        "a.b.c",
        "ForeignKey",
        "many_to_many",
        "one_to_one",
        "Enum",
        "JSON",
        "CASCADE",
        "order_lines",
        "sqlite",
        "mysql",
        "",
        "x\0",
        "SET NULL",
        "x" * 70,
    ]
)
VALUES = st.one_of(
    WORDS,
    st.none(),
    st.booleans(),
    st.integers(-3, 2**70),
    st.floats(allow_nan=False),
    st.lists(WORDS, max_size=3),
    st.dictionaries(WORDS, WORDS, max_size=2),
)


def places(value, path=()):
    """The paths of everything in a JSON value but the value itself."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))


@st.composite
def mutilated(draw):
    """An example with a few of its parts removed, replaced, doubled or moved."""
    raw = copy.deepcopy(draw(st.sampled_from(SOURCES)))
    for _ in range(draw(st.integers(1, 5))):
        paths = list(places(raw))
        *parents, key = draw(st.sampled_from(paths))
        place = raw
        for part in parents:
            place = place[part]
        match draw(st.sampled_from(["remove", "replace", "double", "member", "swap"])):
            case "remove":
                del place[key]
            case "replace":
                place[key] = draw(VALUES)
            case "double" if isinstance(place, list):
                place.append(copy.deepcopy(place[key]))
            case "member" if isinstance(place, dict):
                place[draw(WORDS)] = draw(VALUES)
            case _ if isinstance(place, list):
                other = draw(st.integers(0, len(place) - 1))
                place[key], place[other] = place[other], place[key]
            case _:
                place[key] = draw(VALUES)
        if not raw:
            break
    return raw


def at(raw, pointer):
    """What stands at an RFC 6901 pointer; raises where nothing does."""
    assert pointer == "" or pointer.startswith("/")
    value = raw
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(raw=mutilated())
def test_whatever_is_sent_every_fault_points_into_it_and_nothing_breaks(raw):
    before = json.dumps(raw)
    refused = reading = None
    try:
        reading = read_document(raw, DocumentLimits())
    except RequestError as error:
        refused = error
    if reading is None:
        assert refused.status == 400
        findings = refused.faults
    else:
        findings = reading.faults + reading.warnings
        assert (reading.resolved is None) == bool(reading.faults)
        if reading.resolved is not None:
            again = read_document(reading.raw, DocumentLimits())
            assert again.resolved == reading.resolved
    for one in findings:
        at(raw, one.pointer)
        assert one.code
        assert one.message
        assert len(one.message) < 500
    assert json.dumps(raw) == before


@pytest.mark.parametrize("raw", SOURCES, ids=lambda raw: raw["project_name"])
def test_a_fault_anywhere_is_found_in_spite_of_unknown_members_everywhere(raw):
    def strewn(value):
        if isinstance(value, list):
            return [strewn(item) for item in value]
        if isinstance(value, dict):
            return {name: strewn(item) for name, item in value.items()} | {"strewn": 1}
        return value

    marked = {**strewn({**raw, "schema": []}), "schema": strewn(raw["schema"])}
    marked["schema"][0]["columns"][0]["default"] = []
    reading = read_document(marked, DocumentLimits())
    found = {fault.code for fault in reading.faults}
    assert found >= {"unknown_member"}
    assert ("/schema/0/columns/0/default") in {fault.pointer for fault in reading.faults}
