"""Rules of the house that no linter knows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Tests and the bench are no rooms: a list of data may be long there (tests/contract/hostile.py),
# and what is measured beside us has no settings of ours to read (bench/bare_app.py)
ROOMS = ("api", "workers", "common", "backbone")
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "base", "manager", "misc", "data", "info"}


def modules() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "templates" not in path.parts:
                yield path


def modules_imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def attributes_read(path: Path) -> set[str]:
    """Dotted names such as `os.environ` that the module speaks of."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.add(f"{node.value.id}.{node.attr}")
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


ALL = list(modules())
IDS = [str(path.relative_to(ROOT)) for path in ALL]


@pytest.mark.parametrize("path", ALL, ids=IDS)
def test_only_the_clock_reads_the_time(path: Path) -> None:
    inside = ROOT / "workers" / "sandbox" / "inside"
    if path == ROOT / "common" / "clock.py" or path.is_relative_to(inside):
        return  # what runs inside the sandbox imports nothing of ours
    read = attributes_read(path)
    times = {"datetime.now", "datetime.utcnow", "time.time", "time.monotonic", "date.today"}
    assert not read & times


@pytest.mark.parametrize("path", ALL, ids=IDS)
def test_only_settings_read_the_environment(path: Path) -> None:
    allowed = {"common/settings.py", "common/clock.py"}  # the latter: BACKBONE_CLOCK_FILE alone
    if str(path.relative_to(ROOT)) in allowed:
        return
    read = attributes_read(path)
    assert not read & {"os.getenv", "os.environ.get", "getpass.getuser"}
    standalone = (
        ROOT / "workers" / "sandbox" / "inside"
    )  # imports nothing of ours, settings neither
    if not path.is_relative_to(standalone) and "backbone" not in path.parts:
        assert "os.environ" not in read


SERVED = [path for path in ALL if "backbone" not in path.relative_to(ROOT).parts]
"""Without the command, which is a client."""


@pytest.mark.parametrize("path", SERVED, ids=[str(path.relative_to(ROOT)) for path in SERVED])
def test_no_address_is_fetched(path: Path) -> None:
    """What the platform asks is its stores and a model's provider, each through its own library."""
    own = {"http.client", "urllib.request"}
    others = {"httpx", "httpx2", "httpcore", "requests", "urllib3", "aiohttp"}
    assert not modules_imported(path) & (own | others)


@pytest.mark.parametrize("path", ALL, ids=IDS)
def test_a_file_is_one_noun_of_reasonable_size(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 400, f"{lines} lines: is it still one noun?"


@pytest.mark.parametrize("path", ALL, ids=IDS)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
