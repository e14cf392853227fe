"""What is generated is held to what the platform is held to: searched, read and attacked."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.generated.conftest import project, run_tests
from tests.golden.regenerate import GOLDEN, rendered

__all__ = ["project", "run_tests"]

ROOT = Path(__file__).parents[2]
PROBES = ROOT / "tests" / "generated" / "probes"
EVERYTHING = ROOT / "tests" / "generated" / "documents" / "everything.json"
OPERATIONS = GOLDEN / "documents" / "operations.json"

INNOCENT = {
    # The name of a scheme, in the answer that RFC 6749 wants
    ("S105", 'token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a scheme'),
    # A document's own column that is called `token`, and an example of its value
    ("B105", '"token": "00000000-0000-0000-0000-000000000001",'),
}
"""What tools take for a secret: the rule and the line."""
SQL = ("select ", "insert ", "update ", "delete ", "drop ", "alter ", "create ", "pragma ", "with ")
FIXED = {"PRAGMA foreign_keys=ON", "PRAGMA foreign_keys=OFF", "PRAGMA foreign_key_check"}
FIXED |= {"Select * from where; -- a comment; /* another */"}  # a remark of examples/hostile.json
"""All of SQL that is written out, but for conditions and defaults of columns."""


def fresh(*forms: tuple[str, str]) -> dict[str, dict[str, str]]:
    """Projects with all that templates can make, for these databases and interfaces to them."""
    everything = json.loads(EVERYTHING.read_bytes())
    made = {}
    for db_type, api in forms:
        options = {"options": {"auth": "jwt", "database_api": api}, "db_type": db_type}
        made[f"everything-{db_type}-{api}"] = rendered(everything | options)
    return made | {"operations": rendered(json.loads(OPERATIONS.read_bytes()))}


OTHERS = [("mysql", "sync"), ("mssql", "async"), ("sqlite", "sync")]


@pytest.fixture(scope="module", params=["fresh", pytest.param("all", marks=pytest.mark.long)])
def trees(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Folders of projects; all of them are the golden ones and those of other databases."""
    root = tmp_path_factory.mktemp("projects")
    forms = OTHERS if request.param == "all" else [("postgresql", "async")]
    for name, files in fresh(*forms).items():
        for path, text in files.items():
            place = root / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
    golden = GOLDEN.iterdir() if request.param == "all" else ()
    return sorted([*root.iterdir(), *(path for path in golden if (path / "app").is_dir())])


def code(trees: list[Path]) -> list[str]:
    folders = [tree / name for tree in trees for name in ("app", "alembic")]
    return [str(folder) for folder in folders if folder.is_dir()]


def found_by(*command: str) -> set[tuple[str, str]]:
    """The rule and the line of all that a tool finds fault with; it says so as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, check=False, timeout=120
    )
    told = json.loads(done.stdout)
    if isinstance(told, dict):
        assert told["errors"] == []
        found = [
            (each["test_id"], each["filename"], each["line_number"]) for each in told["results"]
        ]
    else:
        found = [(each["code"], each["filename"], each["location"]["row"]) for each in told]
    return {
        (rule, Path(path).read_text(encoding="utf-8").splitlines()[line - 1].strip())
        for rule, path, line in found
    }


def test_bandit_finds_nothing(trees: list[Path]) -> None:
    assert found_by("bandit", "-q", "-r", "-f", "json", *code(trees)) <= INNOCENT


def test_ruffs_rules_of_security_find_nothing(trees: list[Path]) -> None:
    options = ["--isolated", "--select", "S", "--ignore-noqa", "--output-format", "json"]
    assert found_by("ruff", "check", *options, *code(trees)) <= INNOCENT


def test_no_search_is_switched_off(trees: list[Path]) -> None:
    for path in modules(trees):
        assert "nosec" not in path.read_text(encoding="utf-8"), path


def modules(trees: list[Path]) -> Iterator[Path]:
    for folder in code(trees):
        yield from sorted(Path(folder).rglob("*.py"))


def test_no_statement_is_written_out_or_put_together(trees: list[Path]) -> None:
    """All queries are SQLAlchemy's expressions, whose values are parameters."""
    for path in modules(trees):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_sql = node.value.lower().lstrip().startswith(SQL)
                assert not is_sql or node.value in FIXED or id(node) in docstrings, (
                    path,
                    node.value,
                )
            if isinstance(node, ast.Call) and name_of(node.func) in {"text", "literal_column"}:
                [argument] = node.args
                assert isinstance(argument, ast.Constant), (path, ast.unparse(node))
            if isinstance(node, ast.Call) and name_of(node.func) in {"execute", "exec_driver_sql"}:
                first = node.args[0]
                assert not isinstance(first, ast.JoinedStr | ast.BinOp), (path, ast.unparse(node))
                written = isinstance(first, ast.Constant)
                assert not written or first.value in FIXED, (path, ast.unparse(node))


def name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def test_nothing_reads_code_or_starts_a_program(trees: list[Path]) -> None:
    builtins = {"eval", "exec", "compile", "__import__", "open", "breakpoint", "input"}
    modules_of_harm = {
        "os",
        "subprocess",
        "pickle",
        "marshal",
        "shelve",
        "yaml",
        "ctypes",
        "socket",
    }
    for path in modules(trees):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in builtins, (path, ast.unparse(node))
            imported = [node.module] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.Import):
                imported = [alias.name for alias in node.names]
            for name in imported:
                assert str(name).partition(".")[0] not in modules_of_harm, (path, name)


def test_no_secret_has_a_default(trees: list[Path]) -> None:
    for path in modules(trees):
        if path.name != "config.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AnnAssign) and "SecretStr" in ast.unparse(node.annotation):
                assert node.value is not None
                assert ast.unparse(node.value) == "None", (path, ast.unparse(node))


def test_a_project_gives_an_attacker_nothing(
    project: Callable[..., Path], run_tests: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    folder = project("blog", auth="jwt")
    shutil.copy(PROBES / "attacks.py", folder / "tests" / "test_attacks.py")
    ran = run_tests(folder, "tests/test_attacks.py")
    assert ran.returncode == 0, ran.stdout[-5000:]
