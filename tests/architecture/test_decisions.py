"""Each decision in docs/adr names a check, and the check exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))


def test_there_are_decisions_and_their_numbers_are_unique() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert len(numbers) >= 12
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_names_a_check_that_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for part in ("**Decision.**", "**Why.**", "**Costs.**", "**Check.**"):
        assert part in text, f"{path.name} lacks {part}"
    check = text.split("**Check.**", 1)[1]
    files = re.findall(r"`(tests/[\w/]+\.py)`", check)
    contracts = re.findall(r'contract "([^"]+)"', check)
    assert files or contracts, f"{path.name} names no check"
    for name in files:
        assert (ROOT / name).is_file(), f"{path.name} names {name}, which does not exist"
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for name in contracts:
        assert f'name = "{name}"' in pyproject, f"{path.name} names a contract that is not there"
