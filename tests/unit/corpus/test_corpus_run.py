"""Documents are tried side by side, and what is known of them is kept."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal

import click
from click.testing import CliRunner

from backbone.commands.corpus import corpus
from backbone.corpus.crew import Crew, Setting
from backbone.corpus.expectations import ACCEPTED
from backbone.corpus.folder import find_cases
from backbone.corpus.kept import KeptResults
from backbone.corpus.proof import Case, Wishes
from backbone.corpus.result import Came, DocumentResult
from backbone.corpus.table import count_line, live_line, table_lines
from common.document.limits import DocumentLimits
from tests.unit.corpus.conftest import KEY, document
from workers.engines import Engines

GOOD = document(KEY)
WISHES = Wishes(verify="none")


def result(name: str, *wrong: str, **members) -> DocumentResult:
    outcome = Came.FAILED if wrong else Came.PASSED
    return DocumentResult(name, outcome, "generated", 3, 1.25, wrong, **members)


def run(folder, *options: str):
    where = ["--results", str(folder / "kept"), "--jobs", "1"]
    arguments = [str(folder), "--verify", "none", *where, *options]
    return CliRunner().invoke(corpus, arguments)


def kept_in(folder, *, wishes=WISHES, limits=DocumentLimits(), machine=("seccomp",)):  # noqa: B008
    return KeptResults(folder / "kept", wishes, limits, machine)


def test_a_folder_is_tried_and_tried_again_only_where_something_changed(put):
    folder = put("a/one.json", GOOD).parents[1]
    put("two.json", document(KEY | {"type": "Text"}))
    put("three.json", {})
    put(".hidden/four.json", "{")
    first = run(folder)
    assert first.exit_code == 1
    assert first.stdout.splitlines()[-1] == "2 passed, 1 failed"
    assert "known" not in first.stderr
    second = run(folder, "--json")
    summary = json.loads(second.stdout)
    assert [summary[name] for name in ("passed", "failed", "skipped")] == [2, 1, 0]
    assert [one["document"] for one in summary["documents"]] == [
        "a/one.json",
        "three.json",
        "two.json",
    ]
    assert second.stderr.count("known") == 2
    put("three.json", GOOD)
    third = run(folder)
    assert (third.exit_code, third.stderr.count("known")) == (0, 2)
    assert "known" not in run(folder, "--again").stderr
    assert "known" not in run(folder, "--db-type", "postgresql").stderr


def test_what_was_known_is_proven_again_once_there_is_a_server(put, monkeypatch):
    folder = put("one.json", GOOD).parent
    monkeypatch.setattr(Engines, "available", lambda _self: ())
    run(folder)
    assert "known" in run(folder).stderr
    monkeypatch.setattr(Engines, "available", lambda _self: ("postgresql",))
    assert "known" not in run(folder).stderr
    assert "known" in run(folder).stderr
    monkeypatch.setenv("MAX_TABLES", "7")
    assert "known" not in run(folder).stderr


def test_a_folder_without_documents_is_wrong_use(tmp_path):
    assert "no document" in str(run(tmp_path).exception)


def test_a_result_is_kept_until_the_document_or_the_expectation_changes(put, tmp_path):
    path = put("one.json", GOOD)
    (case,) = find_cases(path.parent)
    kept = kept_in(tmp_path)
    assert kept.find(case) is None
    kept.keep(case, result("one.json", "it's wrong", compiled_only=True, reports=({"a": [1]},)))
    assert kept.find(case) == result(
        "one.json", "it's wrong", compiled_only=True, reports=({"a": [1]},)
    )
    for other in (
        kept_in(tmp_path, wishes=Wishes(verify="fast")),
        kept_in(tmp_path, limits=DocumentLimits(max_tables=7)),
        kept_in(tmp_path, machine=("seccomp", "postgresql")),
    ):
        assert other.find(case) is None
    put("EXPECT.tsv", "file\texpect\none.json\teither\n")
    assert kept.find(Case(case.name, case.path, ACCEPTED)) is not None
    path.write_text(path.read_text() + "\n")
    assert kept.find(case) is None


def crew(**members) -> Crew:
    setting = Setting(WISHES, DocumentLimits(), None, {})
    return Crew(setting, **({"jobs": 2, "timeout_seconds": 60} | members))


def test_a_process_that_is_killed_fails_its_document_alone(put):
    for number in range(4):
        put(f"{number}.json", GOOD)
    cases = find_cases(put("4.json", GOOD).parent)
    killed = []

    def kill_one() -> bool:
        if not killed and multiprocessing.active_children():
            killed.append(multiprocessing.active_children()[0].pid)
            os.kill(killed[0], signal.SIGKILL)
        return False

    results = [found for _, found in crew().prove_all(cases, kill_one)]
    assert sorted(one.document for one in results) == [f"{number}.json" for number in range(5)]
    assert [one.wrong for one in results if not one.passed] == [
        ("its process was killed by SIGKILL",)
    ]
    assert multiprocessing.active_children() == []


def test_a_document_that_takes_too_long_fails(put):
    cases = find_cases(put("one.json", GOOD).parent)
    results = [found for _, found in crew(timeout_seconds=0).prove_all(cases, lambda: False)]
    assert [one.wrong for one in results] == [("took longer than 0 s",)]


def test_a_run_that_is_stopped_leaves_nothing_running(put):
    cases = find_cases(put("one.json", GOOD).parent)
    asked = iter([False, True])
    assert list(crew().prove_all(cases, lambda: next(asked))) == []
    assert multiprocessing.active_children() == []


def test_lines_for_people():
    good = result("a.json", compiled_only=True)
    bad = result("longer/b.json", *[f"wrong {number}\x1b[0m" for number in range(30)])
    assert click.unstyle(live_line(3, 10, good, known=False)) == (
        "[ 3/10] passed      1.2 s  a.json  3 tables  compiled only"
    )
    assert "known  a.json" in live_line(3, 10, good, known=True)
    lines = [click.unstyle(line) for line in table_lines([good, bad])]
    assert lines[:4] == [
        "document       tables  outcome  seconds  what came of it",
        "a.json              3  passed       1.2  generated (compiled only)",
        "longer/b.json       3  failed       1.2  generated",
        "    wrong 0 [0m",
    ]
    assert lines[-1] == "    and 10 more"
    assert count_line([good, bad], 0) == "1 passed, 1 failed"
    assert count_line([good, bad], 7) == "1 passed, 1 failed, 7 skipped"
