"""Lines out of pieces, however these are cut; names for files, however lines are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.batch_lines import LineReader, LineSplitter
from api.batch_zip import FileNames
from common.document.limits import DocumentLimits


def split(*pieces: bytes, longest: int = 10) -> list[tuple[int, bytes | None]]:
    splitter = LineSplitter(longest)
    return [line for piece in pieces for line in splitter.feed(piece)] + list(splitter.end())


@given(st.lists(st.sampled_from([b"a", b"bb", b"\n", b"\r\n", b" ", b"ccc"])), st.integers(1, 4))
def test_where_it_is_cut_makes_no_difference(parts: list[bytes], size: int) -> None:
    text = b"".join(parts)
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    expected = [
        (number, line.strip())
        for number, line in enumerate(text.split(b"\n"), start=1)
        if line.strip()
    ]
    longest = 1000
    assert split(*pieces, longest=longest) == split(text, longest=longest) == expected


@pytest.mark.parametrize("pieces", [(b"x" * 11,), (b"x" * 6, b"x" * 5), (b"x",) * 11])
@pytest.mark.parametrize("end", [b"", b"\n", b"\nok", b"\nok\n"])
def test_a_long_line_is_told_and_not_kept(pieces: tuple[bytes, ...], end: bytes) -> None:
    found = split(b"ok\n", *pieces, end)
    assert found[:2] == [(1, b"ok"), (2, None)]
    assert found[2:] == ([(3, b"ok")] if b"ok" in end else [])


@pytest.mark.parametrize("cut", [0, 5, 11])
def test_a_long_blank_line_is_a_long_one(cut: int) -> None:
    text = b" " * 11 + b"\n\nok"
    assert split(text[:cut], text[cut:]) == [(1, None), (3, b"ok")]


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b" \t \n"])
def test_millions_of_blank_lines_cost_next_to_nothing(blank: bytes) -> None:
    piece = blank * 5_000_000
    splitter, ended = LineSplitter(10), []
    end = splitter._end
    splitter._end = lambda part: (ended.append(part), end(part))[1]  # type: ignore[method-assign]
    assert [*splitter.feed(piece), *splitter.feed(b"ok"), *splitter.end()] == [
        (piece.count(b"\n") + 1, b"ok")
    ]
    assert len(ended) == 1  # they were not looked at one by one


def test_exactly_as_long_as_allowed() -> None:
    assert split(b"x" * 10, b"\n") == [(1, b"x" * 10)]


def test_what_is_kept_of_a_long_line_is_bounded() -> None:
    splitter = LineSplitter(10)
    for _ in range(1000):
        assert list(splitter.feed(b"x" * 100)) == []
    assert list(splitter.end()) == [(1, None)]


class TestFileNames:
    @given(st.lists(st.text(min_size=1, max_size=200), max_size=30, unique=True))
    def test_are_safe_and_given_once(self, custom_ids: list[str]) -> None:
        names = FileNames()
        given_out = [names.name(each, line) for line, each in enumerate(custom_ids, start=1)]
        assert len({name.lower() for name in given_out}) == len(given_out)
        for name in given_out:
            assert name.isascii()
            assert 0 < len(name) < 200
            assert not set(name) & set('/\\:*?"<>| \n')
            assert not name.startswith(".")
            assert name.lower().partition(".")[0] not in {"con", "nul", "aux", "prn", "com1"}

    def test_are_the_custom_ids_where_these_will_do(self) -> None:
        names = FileNames()
        assert [names.name(each, 1) for each in ("shop", "Shop-2.1", "a_b")] == [
            "shop",
            "Shop-2.1",
            "a_b",
        ]
        assert names.name("SHOP", 9) == "SHOP-9"
        assert names.name("a b", 4) == "a_b-4"


def test_of_very_many_unknown_members_the_first_are_told() -> None:
    reader = LineReader("caller", DocumentLimits(), 1000)
    faults = reader.check(1, {f"bodi{number}": 0 for number in range(2_000)}).faults
    assert len(faults) == 101
    assert faults[0].message.endswith("Did you mean 'body'?")
    assert faults[-1].message == "1902 further faults are not listed."


def test_of_very_many_lines_with_many_faults_the_later_ones_tell_few() -> None:
    reader = LineReader("caller", DocumentLimits(), 1000)
    line = {f"member{number}": 0 for number in range(200)}
    counts = [len(reader.check(number, line).faults) for number in range(1, 1_001)]
    assert counts == [101] * 200 + [4] * 800
    assert reader.check(1_001, line).faults[-1].message == "199 further faults are not listed."
    odd = ('{"' + r'\ud800":1,"' * 200 + '":1}').encode()
    assert len(reader.read(1_003, odd).faults) <= 4
    assert [fault.code for fault in reader.check(1_002, {"custom_id": "a"}).faults] == [
        "missing_member"
    ]
