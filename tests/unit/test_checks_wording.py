"""What is shown of the sandbox: short, and without places on this machine."""

from __future__ import annotations

import sys
import sysconfig

import pytest

from workers.checks.wording import MOST_CHARACTERS, shown, shown_line
from workers.sandbox.isolation import INSIDE


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('File "/job/17/project/app/main.py", line 3', 'File "app/main.py", line 3'),
        ("/var/x/sandbox-x_1/2/project/tests/test_a.py:1: in x", "tests/test_a.py:1: in x"),
        ("sqlite:////job/3/migrated.sqlite", "sqlite:////migrated.sqlite"),
        ("in /job/3/project", "in ."),
        (f"{sysconfig.get_path('purelib')}/sqlalchemy/x.py", "sqlalchemy/x.py"),
        (f"{sysconfig.get_path('stdlib')}/json/x.py", "json/x.py"),
        (f"{sys.prefix}/bin/ruff", "bin/ruff"),
        (f"{INSIDE}/job.py", "job.py"),
        ("\x1b[31mred\x1b[0m and \x00 nothing \ud800", "red and  nothing "),
        ("\n\nfirst\n\nlast\n\n", "first\n\nlast"),
    ],
)
def test_places_and_colours_go(said: str, told: str) -> None:
    assert shown(said) == told


def test_only_the_first_lines_are_shown() -> None:
    told = shown("\n".join(map(str, range(1000)))).splitlines()
    assert told[:3] == ["0", "1", "2"]
    assert told[-1] == "… 800 more lines"
    assert len(shown("x" * 10_000_000)) == MOST_CHARACTERS


def test_one_line_is_one_line() -> None:
    assert shown_line("first\nsecond") == "first"
    assert shown_line("") == ""
    assert len(shown_line("x" * 10_000)) == 500
