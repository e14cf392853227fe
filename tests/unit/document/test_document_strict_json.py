from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.document.strict_json import MAX_VALUES, parse_json
from common.errors import RequestError

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=30,
)


@given(value=values, ascii_only=st.booleans())
def test_what_json_writes_is_read_as_it_was(value, ascii_only):
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert parse_json(body) == value


@given(
    body=st.binary(max_size=200) | st.text('[]{}",:\\u0123456789.eE+-truefalsn ').map(str.encode)
)
def test_anything_else_is_read_as_json_reads_it_or_refused(body):
    refused = None
    try:
        parsed = parse_json(body)
    except RequestError as error:
        refused = error
    if refused is None:
        assert parsed == json.loads(body.decode("utf-8-sig"))
    else:
        assert (refused.status, len(refused.faults) > 0) == (400, True)


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        (b"", "invalid_json", ""),
        (b'{"a": 1,}', "invalid_json", ""),
        (b'{"a": 1} x', "invalid_json", ""),
        (b"\xff\xfe{\x00}\x00", "not_utf8", ""),
        (b'"\xed\xa0\x80"', "not_utf8", ""),
        (b'{"a": [1, NaN]}', "not_a_number", "/a/1"),
        (b"[-Infinity]", "not_a_number", "/0"),
        (b'{"a": 1e999}', "not_a_number", "/a"),
        (b'{"a": {"b/c": 1, "b/c": 1}}', "duplicate_member", "/a/b~1c"),
        (b'{"a": "\\ud800"}', "lone_surrogate", "/a"),
        (b'{"a": {"\\udc00": 1}}', "lone_surrogate", "/a"),
        (b"1" * 5000, "number_too_long", ""),
        (b"[" * 101 + b"]" * 101, "nesting_too_deep", ""),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "nesting_too_deep", ""),
        (b"[" * 100_000 + b"]" * 100_000, "nesting_too_deep", ""),
    ],
)
def test_refusals_say_what_and_where(body, code, pointer):
    with pytest.raises(RequestError) as caught:
        parse_json(body)
    error = caught.value
    assert (error.status, error.code) == (400, "invalid_json")
    assert (error.faults[0].code, error.faults[0].pointer) == (code, pointer)
    assert error.detail == error.faults[0].message
    assert len(error.detail) < 200


def test_a_byte_order_mark_is_tolerated():
    assert parse_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_a_pair_of_surrogates_is_one_character():
    assert parse_json(b'"\\ud83c\\udf89"') == "\N{PARTY POPPER}"


@pytest.mark.parametrize(
    "body", [b"[" * 100 + b"]" * 100, b'["' + b"[" * 500 + b'"]', b"[" + b"[]," * 500 + b"[]]"]
)
def test_a_hundred_levels_are_fine_and_brackets_in_strings_are_none(body):
    assert parse_json(body) == json.loads(body)


def test_brackets_after_an_escaped_quote_still_count():
    deep = b"[" * 101 + b'"\\"' + b"]" * 50 + b'"' + b"]" * 101
    with pytest.raises(RequestError) as caught:
        parse_json(deep)
    assert caught.value.faults[0].code == "nesting_too_deep"


def test_every_odd_place_is_named():
    with pytest.raises(RequestError) as caught:
        parse_json(b'[NaN, {"a": Infinity, "b": "\\udead"}]')
    assert [fault.pointer for fault in caught.value.faults] == ["/0", "/1/a", "/1/b"]


def test_numbers_keep_their_kind():
    whole, real = parse_json(b"[1, 1.0]")
    assert isinstance(whole, int)
    assert isinstance(real, float)
    assert math.isfinite(real)


def test_more_values_than_a_document_has_are_refused():
    body = b"[" + b"0," * (MAX_VALUES - 1) + b"0]"
    assert len(parse_json(body)) == MAX_VALUES
    with pytest.raises(RequestError) as caught:
        parse_json(b"[" + body + b",0]")
    assert caught.value.faults[0].code == "too_many_values"
    parse_json(b"[" + body + b",0]", max_values=MAX_VALUES + 2)


@pytest.mark.parametrize(
    "fault", ['{"@":1,"@":2}', '{"@":NaN}', '{"a/~@":1e999}', r'{"@":"\ud800"}']
)
def test_no_pointer_echoes_a_large_name(fault):
    with pytest.raises(RequestError) as caught:
        parse_json(fault.replace("@", "k" * 100_000).encode())
    [found] = caught.value.faults
    assert 900 < len(found.pointer) < 1100
    assert len(found.message) < 200
