"""The project's own tests pass."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Final

import anyio.pytest_plugin
import pytest
import pytest_asyncio.plugin

from ..job import Job
from .surroundings import enter_project
from .verdict import failed, passed

# What is installed beside a project may bring plugins that it never asked for
_PLUGINS: Final = (anyio.pytest_plugin, pytest_asyncio.plugin)
_MOST_FAILURES: Final = 15  # of each share; they cost more time than tests that pass
_FEW_TESTS: Final = 20
_MOST_LINES: Final = 60
_MOST_SAID: Final = 24  # lines that say what a failure came to


def run_tests(job: Job) -> dict[str, Any]:
    """Run pytest in the project's folder, by the project's own settings.

    On SQLite, or on the `database_urls`: as many shares of the tests run side by side as there are.
    To make asserts tell what they compare takes longer than most tests: that is left to a second
    run, of those that failed.
    """
    enter_project(job)
    urls = [str(url) for url in job.arguments.get("database_urls", ())]
    _use_database(urls, 0)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    witness = _Witness(urls)
    code = _run_apart(witness)
    if witness.failures:
        again = _Witness(urls[:1])
        _run_pytest(again, *(name for name in witness.failures if not name.startswith("(")))
        witness.failures |= again.failures
    counts = witness.counts
    if code == int(pytest.ExitCode.OK) and counts["passed"] and not counts["failed"]:
        return passed(counts=counts)
    if counts["failed"]:
        reason = f"{counts['failed']} failed, {counts['passed']} passed"
    elif code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        reason = "there is no test that ran"
    else:
        reason = f"pytest ended with status {code}"
    # Without a text, what pytest printed is shown instead
    text = "\n\n".join(witness.failures.values())
    return failed(reason, output=text, details=[*witness.failures], counts=counts)


def _run_pytest(witness: _Witness, *arguments: str) -> int:
    usual = ["-q", "--tb=short", "--color=no", "-p", "no:cacheprovider"]
    try:
        return int(pytest.main([*usual, *arguments], plugins=[witness, *_PLUGINS]))
    except Exception as error:  # noqa: BLE001 - what nobody awaited may only be found at the end
        print(f"as pytest ended: {error!r}")  # noqa: T201
        return int(pytest.ExitCode.TESTS_FAILED)


def _run_apart(witness: _Witness) -> int:
    """Run all tests in a process of their own, which leaves nothing imported in this one."""
    heard, told = os.pipe()
    process = os.fork()
    if not process:
        try:
            code = _run_pytest(witness, "--assert=plain")
            with os.fdopen(told, "wb") as file:
                file.write(json.dumps([code, witness.counts, witness.failures]).encode())
            sys.stdout.flush()
        finally:
            os._exit(0)
    os.close(told)
    with os.fdopen(heard, "rb") as file:
        said = file.read()
    os.waitpid(process, 0)
    if not said:
        return int(pytest.ExitCode.INTERNAL_ERROR)
    code, witness.counts, witness.failures = json.loads(said)
    return int(code)


class _Queue:
    """Tests to be taken by several processes, a module at a time, so that none waits at the end."""

    def __init__(self, items: list[pytest.Item]) -> None:
        modules: dict[str, list[pytest.Item]] = {}
        for item in items:
            modules.setdefault(item.nodeid.partition("::")[0], []).append(item)
        # Those about the whole project may take longest: first what is not in a folder of its own
        self._modules = sorted(modules.values(), key=lambda module: module[0].nodeid.count("/"))
        self._numbers, told = os.pipe()
        os.write(told, b"".join(n.to_bytes(2, "big") for n in range(len(self._modules))))
        os.close(told)

    def take(self) -> Iterator[pytest.Item]:
        """The tests that no other process has taken."""
        while number := os.read(self._numbers, 2):
            yield from self._modules[int.from_bytes(number, "big")]


class _Witness:
    """Counts the tests and keeps what the failing ones say; spreads them over processors."""

    def __init__(self, urls: list[str]) -> None:
        self._urls = urls
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self.failures: dict[str, str] = {}
        """What a test that failed says, by its name."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A phase of a test is over."""
        if report.failed:
            self._fail(report)
        elif report.skipped:
            self.counts["skipped"] += 1
        elif report.when == "call":
            self.counts["passed"] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file was looked through for tests."""
        if report.failed:
            self._fail(report)

    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run the tests side by side; forked only now, so that nothing is imported twice."""
        places = len(self._urls) or len(os.sched_getaffinity(0))
        if session.testsfailed or len(session.items) < _FEW_TESTS or places == 1:
            return None
        gc.freeze()  # what is there by now stays, and need not be looked through again
        queue = _Queue(session.items)
        others = [self._run_elsewhere(queue, place) for place in range(1, places)]
        self._run(queue)
        for process, said in others:
            with os.fdopen(said, "rb") as file:
                self._add(file.read())
            os.waitpid(process, 0)
        session.testsfailed = self.counts["failed"]
        return True

    def _run(self, queue: _Queue) -> None:
        items = queue.take()
        item = next(items, None)
        while item is not None and self.counts["failed"] < _MOST_FAILURES:
            following = next(items, None)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            item = following

    def _run_elsewhere(self, queue: _Queue, place: int) -> tuple[int, int]:
        """The process that runs them, and where it says how it went."""
        heard, told = os.pipe()
        process = os.fork()
        if process:
            os.close(told)
            return process, heard
        try:
            _use_database(self._urls, place)
            self._run(queue)
            with os.fdopen(told, "wb") as file:
                file.write(json.dumps([self.counts, self.failures]).encode())
        finally:
            os._exit(0)

    def _add(self, said: bytes) -> None:
        if not said:
            self.counts["failed"] += 1
            self.failures["(a part of the tests)"] = "the process that ran them died"
            return
        counts, failures = json.loads(said)
        for name, count in counts.items():
            self.counts[name] += count
        self.failures.update(failures)

    def _fail(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        self.counts["failed"] += 1
        if len(self.failures) < _MOST_FAILURES:
            self.failures.setdefault(report.nodeid, f"{report.nodeid}\n{_told(report)}")


def _use_database(urls: list[str], place: int) -> None:
    """Name the database of a share to the project's tests."""
    if urls:
        os.environ["TEST_DATABASE_URL"] = urls[place]


def _told(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The lines of the project that led to a failure, and what it came to, wherever it was raised.

    Nothing of third parties' own lines.
    """
    entries: Iterable[Any] = getattr(
        getattr(report.longrepr, "reprtraceback", None), "reprentries", ()
    )
    lines: list[str] = []
    said: list[str] = []
    for entry in entries:
        place = getattr(entry, "reprfileloc", None)
        if place is None:
            continue
        said = [line for line in entry.lines if line.startswith("E ")]
        if not str(place.path).startswith(("/", "..", "<")):
            lines.append(f"{place.path}:{place.lineno}: {place.message}")
            lines += [line for line in entry.lines if line.strip() and line not in said]
    if not said:
        return _short(report)
    if len(said) > _MOST_SAID:
        said = [*said[: _MOST_SAID // 2], "E   …", *said[-_MOST_SAID // 2 :]]
    return "\n".join([*lines, *said])


def _short(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The end of it, where it says what it came to."""
    lines = report.longreprtext.splitlines()
    return "\n".join(lines if len(lines) <= _MOST_LINES else ["…", *lines[-_MOST_LINES:]])
