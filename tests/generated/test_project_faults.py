"""The tests of a generated project notice what is wrong with it: see `python -m tests.faults`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.faults.__main__ import project
from tests.faults.catalogue import FAULTS
from tests.faults.fault import Edit, Fault, Files
from tests.faults.trial import Copy, Verdict

EXAMPLES = Path(__file__).parents[2] / "examples"
CASES = Path(__file__).parents[1] / "golden/documents"
PROJECTS = ["blog", "shop", "organisation", "clinic"]
QUICK = {
    "unique dropped",
    "cascade refused",
    "deleted row listed",
    "404 turned into 200",
    "filter ignored",
    "unbounded page",
    "change resets the rest",
    "link not cut",
}
"""What `make test` tries on the blog; `make test-all` tries all faults on all four."""
SURVIVORS: dict[tuple[str, str], str] = {}
"""(project, fault): why its tests can't notice."""

Copies = Callable[[str], Copy]


@cache
def others() -> tuple[Files, ...]:
    """A project with what the four do not have."""
    return (project(CASES / "composite_keys.json"),)


@cache
def files(name: str) -> Files:
    return project(EXAMPLES / f"{name}.json")


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """A copy of each project, made once and found to be sound."""
    made: dict[str, Copy] = {}

    def copy(name: str) -> Copy:
        if name not in made:
            made[name] = Copy(files(name), tmp_path_factory.mktemp(name))
            made[name].check()
        return made[name]

    return copy


def is_quick(name: str, fault: Fault) -> bool:
    return name == "blog" and fault.name in QUICK


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        pytest.param(
            name,
            fault,
            id=f"{name}-{fault.name}",
            marks=[] if is_quick(name, fault) else [pytest.mark.long],
        )
        for name in PROJECTS
        for fault in FAULTS
    ],
)
def test_a_fault_is_noticed(name: str, fault: Fault, copies: Copies) -> None:
    trial = copies(name).try_fault(fault)
    if (name, fault.name) in SURVIVORS:
        assert trial.verdict is Verdict.SURVIVED, "it is noticed by now: strike it off the list"
    else:
        assert trial.verdict in {Verdict.CAUGHT, Verdict.ABSENT}, trial


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_can_be_made(fault: Fault) -> None:
    """A fault that no project has room for would judge nothing."""
    assert any(fault.applied(one) for one in (*map(files, PROJECTS), *others()))


@pytest.mark.parametrize(("text", "says"), [("was", "changes nothing"), ("is", "adds files")])
def test_a_fault_that_changes_nothing_or_adds_a_file_is_a_mistake(text: str, says: str) -> None:
    path = "old.py" if text == "was" else "new.py"
    fault = Fault("mistaken", lambda _files: Edit({path: text}, path))
    with pytest.raises(AssertionError, match=says):
        fault.applied({"old.py": "was"})
