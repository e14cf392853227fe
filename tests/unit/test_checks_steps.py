"""Which jobs a verification consists of, and what becomes of their answers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from workers.checks.catalogue import LEVELS, Step, steps
from workers.checks.type_cache import TypeCache, import_everything
from workers.checks.verdicts import Finding, read_finding, results, skipped
from workers.report import Outcome
from workers.sandbox.limits import Limits
from workers.sandbox.running import Ended, RunningJob

MIGRATE = Step("migrate", "migrate", engine="sqlite")
COMPILED = Step("compile_migrations", "migrate", engine="sqlite")


def ended(outcome: dict[str, Any] | None, *, reason: str | None = None, output: str = "") -> Ended:
    result, output_pipe = os.pipe()
    job = RunningJob(1, "migrate", Limits(), result, output_pipe)
    job.discard()
    return Ended(job, outcome, reason, output, ("rlimits",), 0.25)


@pytest.mark.parametrize("level", ["fast", "full"])
@pytest.mark.parametrize("db_type", ["sqlite", "postgresql", "mysql", "mssql"])
def test_every_check_of_a_level_has_its_steps(level: str, db_type: str) -> None:
    planned = steps(LEVELS[level], db_type, warm=True)
    assert {step.check for step in planned} == set(LEVELS[level])
    tasks = [step.task for step in planned]
    assert len(tasks) == len(set(tasks))
    assert all(task in tasks for step in planned for task in step.after)
    assert ("compile_migrations" in tasks) == (db_type != "sqlite")


def test_third_parties_are_worked_out_only_where_it_helps() -> None:
    def tasks(level: str, *, warm: bool) -> set[str]:
        return {step.task for step in steps(LEVELS[level], "sqlite", warm=warm)}

    assert "warm_types" in tasks("full", warm=False)
    assert "warm_types" not in tasks("full", warm=True)
    assert "warm_types" not in tasks("fast", warm=False)


def test_a_job_without_an_answer_is_a_failure_with_its_output() -> None:
    finding = read_finding(MIGRATE, ended(None, reason="was killed by SIGKILL", output="so far"))
    assert (finding.outcome, finding.reason) == (Outcome.FAILED, "was killed by SIGKILL")
    assert finding.output == "so far"
    assert finding.layers == ("rlimits",)


@pytest.mark.parametrize(
    "answer",
    [{}, {"passed": 1}, {"passed": "true"}, {"passed": None}, {"details": 7, "reason": ["x"]}],
)
def test_only_a_clear_yes_is_a_pass(answer: dict[str, Any]) -> None:
    finding = read_finding(MIGRATE, ended(answer))
    assert finding.outcome is Outcome.FAILED
    assert finding.reason


def test_findings_are_bounded() -> None:
    answer = {"passed": False, "reason": "x" * 9999, "details": ["y" * 9999] * 9999}
    finding = read_finding(MIGRATE, ended(answer))
    assert len(finding.reason or "") == 500
    assert len(finding.details) == 100
    assert {len(detail) for detail in finding.details} == {500}


def test_a_check_is_as_bad_as_the_worst_of_its_steps() -> None:
    good = Finding(MIGRATE, Outcome.PASSED, seconds=0.5)
    bad = Finding(COMPILED, Outcome.FAILED, "compiling for mysql", "why", ("detail",), 0.25)
    left_out = skipped(COMPILED, Step("compile", "compile"))
    (result,) = results(["migrate"], [good, good])
    assert result.outcome is Outcome.PASSED
    (result,) = results(["migrate"], [good, left_out])
    assert result.reason == "compile did not pass"
    (result,) = results(["migrate"], [good, bad, left_out])
    assert (result.outcome, result.reason) == (Outcome.FAILED, "compiling for mysql")
    assert (result.engine, result.seconds, result.output) == ("sqlite", 0.75, "why")
    assert result.details == ("detail",)


def test_the_cache_of_types_depends_on_the_settings_that_matter(tmp_path: Path) -> None:
    cache = TypeCache(tmp_path)

    def path(settings: str) -> Path | None:
        return cache.path({"pyproject.toml": f'[project]\nname = "x"\n[tool.mypy]\n{settings}'})

    assert path("strict = true") == path('files = ["app"]\nstrict = true')
    assert path("strict = true") != path("strict = false")
    assert cache.path({}) == cache.path({"pyproject.toml": ""})
    assert cache.path({"pyproject.toml": "not = = toml"}) is None
    assert cache.path({"pyproject.toml": "[tool]\nmypy = 7"}) is None


def test_the_cache_of_types_appears_whole(tmp_path: Path) -> None:
    made = os.memfd_create("made")
    os.write(made, b"content")
    TypeCache.store(tmp_path / "new" / "cache.tar", made)
    os.close(made)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["cache.tar"]
    assert (tmp_path / "new" / "cache.tar").read_bytes() == b"content"


def test_a_cache_that_can_not_be_stored_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Bad file descriptor"):
        TypeCache.store(tmp_path / "cache.tar", -1)
    assert list(tmp_path.iterdir()) == []


def test_nothing_of_the_project_but_its_settings_goes_into_the_cache() -> None:
    files = {"pyproject.toml": "[tool.mypy]\n", "app/main.py": "raise SystemExit"}
    shared = import_everything(files)
    assert shared["pyproject.toml"] == "[tool.mypy]\n"
    assert "SystemExit" not in "".join(shared.values())
