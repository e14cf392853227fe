"""The project's own tests pass."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
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


def run_tests(job: Job) -> dict[str, Any]:
    """Run pytest in the project's folder, by the project's own settings.

    On SQLite, or on the `database_urls`: as many shares of the tests run side by side as there are.
    """
    enter_project(job)
    urls = [str(url) for url in job.arguments.get("database_urls", ())]
    _use_database(urls, 0)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    arguments = ["-q", "--tb=short", "--color=no", "-p", "no:cacheprovider"]
    witness = _Witness(urls)
    code = int(pytest.main(arguments, plugins=[witness, *_PLUGINS]))
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
        shares = _shares(session.items, places)
        others = [self._run_elsewhere(share, place) for place, share in enumerate(shares[1:], 1)]
        self._run(shares[0])
        for process, said in others:
            with os.fdopen(said, "rb") as file:
                self._add(file.read())
            os.waitpid(process, 0)
        session.testsfailed = self.counts["failed"]
        return True

    def _run(self, items: list[pytest.Item]) -> None:
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.counts["failed"] >= _MOST_FAILURES:
                return

    def _run_elsewhere(self, items: list[pytest.Item], place: int) -> tuple[int, int]:
        """The process that runs them, and where it says how it went."""
        heard, told = os.pipe()
        process = os.fork()
        if process:
            os.close(told)
            return process, heard
        try:
            _use_database(self._urls, place)
            self._run(items)
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


def _shares(items: list[pytest.Item], places: int) -> list[list[pytest.Item]]:
    """The tests in as many parts, each module in one, so that its fixtures are made once."""
    modules: dict[str, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.nodeid.partition("::")[0], []).append(item)
    shares: list[list[pytest.Item]] = [[] for _ in range(places)]
    for module in sorted(modules.values(), key=len, reverse=True):
        min(shares, key=len).extend(module)
    return [share for share in shares if share]


def _told(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The lines of the project that led to a failure, without those of third parties."""
    entries: Iterable[Any] = getattr(
        getattr(report.longrepr, "reprtraceback", None), "reprentries", ()
    )
    lines = []
    for entry in entries:
        place = getattr(entry, "reprfileloc", None)
        if place is not None and not str(place.path).startswith(("/", "..", "<")):
            lines.append(f"{place.path}:{place.lineno}: {place.message}")
            lines += [line for line in entry.lines if line.strip()]
    return "\n".join(lines) if any(line.startswith("E ") for line in lines) else _short(report)


def _short(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The end of it, where it says what it came to."""
    lines = report.longreprtext.splitlines()
    return "\n".join(lines if len(lines) <= _MOST_LINES else ["…", *lines[-_MOST_LINES:]])
