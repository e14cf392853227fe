"""What is expected of the documents of a folder: `EXPECT.tsv` or `INDEX.tsv` beside them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from common.errors import BackboneError

Answer = Literal["accept", "refuse", "either"]

_EXPECT: Final = "EXPECT.tsv"
_INDEX: Final = "INDEX.tsv"
_WITH_KEYS: Final = "accept with add_missing_primary_keys"
_ANSWERS: Final[dict[str, Answer]] = {
    "accept": "accept",
    "refuse": "refuse",
    "reject": "refuse",
    "either": "either",
}


class ExpectationError(BackboneError):
    """A list of expectations can't be read; the message says where."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What has to come of one document."""

    answer: Answer
    """`either` means that it may be refused, or has to pass every check."""
    why: str = ""
    """In the words of the list."""
    place: str | None = None
    """A pointer to where it is wrong; None where no place is named."""
    kinds: str = ""
    """What is wrong with it, in words that say where as well; empty where a place is named."""
    good_with_added_keys: bool = False
    """Whether it has to pass once `options.add_missing_primary_keys` is on."""


ACCEPTED: Final = Expectation("accept")


def find_expectation(path: Path) -> Expectation:
    """What the list beside the document, or one folder above, says of it; else: acceptance.

    Raises ExpectationError for a list that can't be read.
    """
    for folder in (path.parent, path.parent.parent):
        said = _listed(folder).get(path.stem)
        if said is not None:
            return said
    return ACCEPTED


@cache
def _listed(folder: Path) -> dict[str, Expectation]:
    """The expectations of the lists in `folder`, by the documents' names without `.json`."""
    found: dict[str, Expectation] = {}
    for row in _rows(folder / _INDEX, ("name", "expect")):
        found[row["name"]] = _from_index(row["expect"], folder / _INDEX)
    for row in _rows(folder / _EXPECT, ("file", "expect")):
        answer = _answer(row["expect"], folder / _EXPECT)
        place = _pointer(row.get("where") or "") if answer == "refuse" else None
        expectation = Expectation(answer, row.get("why") or "", place)
        found[row["file"].removesuffix(".json")] = expectation
    return found


def _from_index(said: str, path: Path) -> Expectation:
    answer, _, reason = said.partition(":")
    kinds, _, _ = reason.strip().partition(f"; {_WITH_KEYS}")
    return Expectation(
        _answer(answer.strip(), path),
        kinds,
        kinds=kinds,
        good_with_added_keys=_WITH_KEYS in reason,
    )


def _answer(said: str, path: Path) -> Answer:
    if said not in _ANSWERS:
        raise ExpectationError(f"{path}: {said!r} is none of {', '.join(_ANSWERS)}")
    return _ANSWERS[said]


def _pointer(where: str) -> str | None:
    """`schema[0].columns[1].name` as the pointer `/schema/0/columns/1/name`."""
    parts = re.sub(r"\[(\d+)\]", r".\1", where).strip(".")
    return "/" + parts.replace(".", "/") if parts else None


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
    if not path.is_file():
        return
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ExpectationError(f"Can't read {path}: {error}") from None
    for number, row in enumerate(rows, start=2):
        if any(not row.get(name) for name in needed):
            raise ExpectationError(f"{path}, line {number}: lacks {' or '.join(needed)}")
        yield row
