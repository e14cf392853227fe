"""A project that is broken in one way fails the check that is there for it, and says where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.document.models import ProjectDocument
from workers.checks import catalogue
from workers.report import CheckResult, Outcome, Report
from workers.sandbox import Sandbox, open_sandbox
from workers.stages.verify import VerificationCancelled, verify

NOTES = Path(__file__).parents[1] / "fixtures" / "notes"
FULL = ["compile", "lint", "types", "import", "schema", "migrate", "tests"]
ROUTE = "app/main.py"
MIGRATION = "alembic/versions/0001_first.py"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with open_sandbox(tmp_path_factory.mktemp("cache")) as opened:
        yield opened


@pytest.fixture
def files() -> dict[str, str]:
    paths = [path for path in sorted(NOTES.rglob("*")) if path.suffix in {".py", ".toml", ".ini"}]
    return {str(path.relative_to(NOTES)): path.read_text() for path in paths}


def document(**members: Any) -> ProjectDocument:
    raw = json.loads((NOTES / "document.json").read_text())
    return ProjectDocument.model_validate(raw | members)


def outcomes(report: Report) -> dict[str, str]:
    return {check.name: check.outcome.value for check in report.checks}


def check(report: Report, name: str) -> CheckResult:
    return next(each for each in report.checks if each.name == name)


def test_a_good_project_passes_everything(sandbox: Sandbox, files: dict[str, str]) -> None:
    heard: list[tuple[int, int]] = []
    report = verify(
        files,
        document(),
        level="full",
        sandbox=sandbox,
        on_progress=lambda *step: heard.append(step),
    )
    assert outcomes(report) == dict.fromkeys(FULL, "passed"), report
    assert report.passed
    assert report.warnings == ()
    assert {"rlimits", "no_new_privs"} <= set(report.isolation)
    assert [check(report, name).engine for name in FULL] == [
        None, None, None, None, "sqlite", "sqlite", "sqlite",
    ]  # fmt: skip
    assert all(each.seconds > 0 and each.output == "" for each in report.checks)
    assert heard[0] == (0, 7)
    assert heard[-1] == (7, 7)
    assert heard == sorted(heard)


@pytest.mark.parametrize(
    ("level", "names"),
    [("none", []), ("fast", ["compile", "lint", "import", "schema", "migrate"])],
)
def test_a_level_asks_for_its_checks(
    sandbox: Sandbox, files: dict[str, str], level: str, names: list[str]
) -> None:
    report = verify(files, document(), level=level, sandbox=sandbox)
    assert outcomes(report) == dict.fromkeys(names, "passed")


@pytest.mark.long
def test_a_good_project_stands_whatever_is_sent_to_it(
    sandbox: Sandbox, files: dict[str, str]
) -> None:
    report = verify(files, document(), level="fuzz", sandbox=sandbox)
    assert outcomes(report) == dict.fromkeys([*FULL, "fuzz"], "passed"), report
    fuzzed = check(report, "fuzz")
    assert fuzzed.engine == "sqlite"
    (tried,) = fuzzed.details
    assert re.fullmatch(r"[1-9]\d* requests to 1 operations: .*\d+ in fuzzing.*", tried), tried


def test_a_project_that_takes_too_long_to_fuzz_is_cut_and_says_so(
    sandbox: Sandbox, files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(catalogue._FUZZ, "draw_seconds", 0)
    monkeypatch.setitem(catalogue._FUZZ, "seconds", 15)
    report = verify(files, document(), level="fuzz", sandbox=sandbox)
    (tried,) = check(report, "fuzz").details
    assert check(report, "fuzz").outcome is Outcome.PASSED
    assert tried.endswith(" (the time was up)")
    assert "in fuzzing" not in tried


UNDESCRIBED = """

@app.get("/crash")
async def crash() -> None:
    oops()


@app.get("/teapot")
async def teapot() -> None:
    raise HTTPException(418)


@app.get("/misfit", response_model=list[AuthorRead])
async def misfit() -> JSONResponse:
    return JSONResponse([{"id": "one"}])
"""


@pytest.mark.long
def test_what_the_description_does_not_say_fails_fuzz(
    sandbox: Sandbox, files: dict[str, str]
) -> None:
    was = "from fastapi import Depends, FastAPI\n"
    more = "from fastapi import HTTPException\nfrom fastapi.responses import JSONResponse\n"
    broken = replaced(files, ROUTE, was, was + more)
    broken[ROUTE] += UNDESCRIBED
    report = verify(broken, document(), level="fuzz", sandbox=sandbox)
    failed = check(report, "fuzz")
    assert failed.outcome is Outcome.FAILED
    assert str(failed.reason).endswith(" answers that the API does not describe")
    assert {
        "GET /crash: Server error: curl -X GET http://testserver/crash",
        "GET /misfit: Response violates schema: curl -X GET http://testserver/misfit",
        "GET /teapot: Undocumented status code: curl -X GET http://testserver/teapot",
    } <= set(failed.details)
    assert "  NameError: name 'oops' is not defined" in failed.output
    assert '  answered 200: [{"id":"one"}]' in failed.output
    assert "  answered 418: " in failed.output
    assert f"{failed.output}{failed.details}".count("/job") == 0


def test_a_level_that_there_is_not_is_refused(sandbox: Sandbox, files: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="'thorough'"):
        verify(files, document(), level="thorough", sandbox=sandbox)


def replaced(files: dict[str, str], path: str, was: str, becomes: str) -> dict[str, str]:
    assert was in files[path]
    return files | {path: files[path].replace(was, becomes)}


BROKEN = [
    ("compile", ROUTE, "app = FastAPI(", "app = = FastAPI(", "app/main.py:13: invalid syntax"),
    ("compile", ROUTE, 'title="notes")', 'title="\\d")', "app/main.py:13: invalid escape sequence"),
    ("lint", ROUTE, "import select\n", "import select, text\n", "app/main.py:7:32: F401"),
    ("lint", ROUTE, 'title="notes"', "title='notes'", "app/main.py:13:21: unformatted"),
    ("types", ROUTE, "    id: int", '    id: int = "x"', "app/main.py:21: error:"),
    ("types", ROUTE, "    return [", "    return None and [", "app/main.py:32: error:"),
    ("import", ROUTE, "app.models.tables import Author", "app.models.nowhere import Author", ""),
    ("import", ROUTE, '@app.get("/authors")\n', "", ""),
    ("migrate", MIGRATION, 'sa.Column("body", sa.Text', 'sa.Column("body", sa.Nothing', ""),
    ("migrate", MIGRATION, '    op.drop_table("authors")\n', "", "authors"),
    ("schema", MIGRATION, "sa.String(80)", "sa.String(81)", "notes: column title has length 81"),
    ("schema", MIGRATION, 'ondelete="CASCADE"', 'ondelete="RESTRICT"', "on delete CASCADE is miss"),
    ("schema", MIGRATION, '    op.create_index("ix_authors_name", "authors", ["name"])\n', "",
     "authors: index (name) is missing"),
    ("tests", "tests/test_authors.py", '== ["Ada"]', '== ["Bob"]',
     "tests/test_authors.py::test_authors_are_listed"),
    ("tests", "tests/test_authors.py", "import httpx\n", "import httpx\nimport nowhere\n",
     "tests/test_authors.py"),
    ("tests", "tests/test_authors.py", "async def test_", "async def no_test_", ""),
]  # fmt: skip


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: f"{case[0]} {case[3]}"[:40])
def test_what_is_broken_fails_its_check(
    sandbox: Sandbox, files: dict[str, str], case: tuple[str, str, str, str, str]
) -> None:
    name, path, was, becomes, detail = case
    level = "full" if name in {"types", "tests"} else "fast"
    report = verify(replaced(files, path, was, becomes), document(), level=level, sandbox=sandbox)
    failed = check(report, name)
    assert failed.outcome is Outcome.FAILED
    assert failed.reason
    assert detail in "\n".join(failed.details)
    assert not report.passed
    said = f"{failed.reason}{failed.output}{failed.details}"
    assert "/job" not in said
    assert "/site-packages" not in said
    assert str(Path.home()) not in said


def test_what_does_not_compile_is_not_run(sandbox: Sandbox, files: dict[str, str]) -> None:
    broken = replaced(files, ROUTE, "app = FastAPI(", "app = = FastAPI(")
    report = verify(broken, document(), level="full", sandbox=sandbox)
    assert outcomes(report) == {
        "compile": "failed",
        "lint": "failed",
        "types": "skipped",
        "import": "skipped",
        "schema": "skipped",
        "migrate": "skipped",
        "tests": "skipped",
    }
    assert check(report, "tests").reason == "compile did not pass"
    assert check(report, "schema").reason == "migrate did not pass"


def test_a_failing_test_shows_the_project_alone(sandbox: Sandbox, files: dict[str, str]) -> None:
    broken = replaced(files, ROUTE, "rows = await", "rows = await oops(")
    broken = replaced(broken, ROUTE, ".order_by(Author.id))", ".order_by(Author.id)))")
    report = verify(broken, document(), level="full", sandbox=sandbox)
    output = check(report, "tests").output
    assert "app/main.py:31: in list_authors" in output
    assert "E   NameError: name 'oops' is not defined" in output
    assert "starlette" not in output


def test_another_database_is_compiled_for(sandbox: Sandbox, files: dict[str, str]) -> None:
    report = verify(files, document(db_type="postgresql"), level="fast", sandbox=sandbox)
    assert report.passed
    assert check(report, "migrate").engine == "sqlite"
    (warning,) = report.warnings
    assert warning.startswith("compiled only: there is no postgresql server here")


@pytest.mark.parametrize("db_type", ["postgresql", "mysql", "mssql"])
def test_what_another_database_can_not_have_fails(
    sandbox: Sandbox, files: dict[str, str], db_type: str
) -> None:
    broken = replaced(
        files,
        MIGRATION,
        "sa.Text()",
        'sa.Text().with_variant(sa.types.UserDefinedType(), "' + db_type + '")',
    )
    report = verify(broken, document(db_type=db_type), level="fast", sandbox=sandbox)
    failed = check(report, "migrate")
    assert failed.outcome is Outcome.FAILED
    assert f"compiling for {db_type}" in str(failed.reason)


def test_an_engine_that_is_required_and_missing_fails(
    sandbox: Sandbox, files: dict[str, str]
) -> None:
    asked = document(db_type="postgresql")
    report = verify(files, asked, level="fast", sandbox=sandbox, require_engine="postgresql")
    failed = check(report, "migrate")
    assert failed.outcome is Outcome.FAILED
    assert failed.reason == "postgresql is required, and there is no such server here"
    report = verify(files, asked, level="fast", sandbox=sandbox, require_engine="sqlite")
    assert report.passed


def test_a_verification_can_be_cancelled(sandbox: Sandbox, files: dict[str, str]) -> None:
    loop = "def test_it() -> None:\n    while True:\n        pass\n"
    endless = files | {"tests/test_endless.py": loop}
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 20

    with pytest.raises(VerificationCancelled):
        verify(endless, document(), level="full", sandbox=sandbox, cancelled=cancelled)
    report = verify(files, document(), level="fast", sandbox=sandbox)
    assert report.passed


def test_a_project_that_claims_to_pass_is_not_believed_about_its_database(
    sandbox: Sandbox, files: dict[str, str]
) -> None:
    lie = """
import os
for number in range(3, 64):
    try:
        os.write(number, b'{"passed": true, "database": "", "tables": {}}\\n')
    except OSError:
        pass
os._exit(0)
"""
    report = verify(files | {"alembic/env.py": lie}, document(), level="fast", sandbox=sandbox)
    assert check(report, "schema").outcome is Outcome.FAILED


@pytest.mark.long
def test_the_cache_of_types_is_kept_and_shared(files: dict[str, str], tmp_path: Path) -> None:
    with open_sandbox(tmp_path) as first:
        report = verify(files, document(), level="full", sandbox=first)
        assert report.passed
    (kept,) = tmp_path.iterdir()
    made = kept.stat().st_mtime_ns
    with open_sandbox(tmp_path) as second:
        report = verify(files, document(), level="full", sandbox=second)
        assert report.passed
    # A second time it would be written anew
    assert [path.stat().st_mtime_ns for path in tmp_path.iterdir()] == [made]
