"""The project's own tests pass."""

from __future__ import annotations

import os
from typing import Any, Final

import anyio.pytest_plugin
import pytest
import pytest_asyncio.plugin

from ..job import Job
from .surroundings import enter_project
from .verdict import failed, passed

# What is installed beside a project may bring plugins that it never asked for
_PLUGINS: Final = (anyio.pytest_plugin, pytest_asyncio.plugin)
_MOST_FAILURES: Final = 50


class _Witness:
    """Counts the tests and keeps what the failing ones say."""

    def __init__(self) -> None:
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self.failures: list[str] = []
        self.texts: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A phase of a test is over."""
        if report.failed:
            self.counts["failed"] += 1
            self._keep(report.nodeid, report.longreprtext)
        elif report.skipped:
            self.counts["skipped"] += 1
        elif report.when == "call":
            self.counts["passed"] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file was looked through for tests."""
        if report.failed:
            self.counts["failed"] += 1
            self._keep(report.nodeid, report.longreprtext)

    def _keep(self, name: str, text: str) -> None:
        if name not in self.failures:
            self.failures.append(name)
            self.texts.append(f"{name}\n{text}")


def run_tests(job: Job) -> dict[str, Any]:
    """Run pytest in the project's folder, by the project's own settings, on SQLite."""
    enter_project(job, database_url=None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    arguments = ["-q", "--tb=short", "--color=no", "-p", "no:cacheprovider"]
    arguments += [f"--maxfail={_MOST_FAILURES}"]
    witness = _Witness()
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
    text = "\n\n".join(witness.texts)
    return failed(reason, output=text, details=witness.failures, counts=counts)
