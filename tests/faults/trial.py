"""Seeding faults into a copy of a project, one after the other, and running its tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import cache_from_source
from pathlib import Path
from typing import Final

from tests.faults.fault import Fault, Files

_SECONDS: Final = 900
_CANNOT_IMPORT: Final = 70
_NEVER_OVER: Final = 71
_RUN: Final = f"""
import os, sys
child = os.fork()
if child == 0:
    status = {_CANNOT_IMPORT}
    try:
        import app.main
        status = 0
    finally:
        os._exit(status)
if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
    sys.exit({_CANNOT_IMPORT})
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""
_KEPT: Final = {"PATH", "HOME", "LANG", "TMPDIR"}


class Verdict(StrEnum):
    """What became of a fault in one project."""

    CAUGHT = "caught"
    SURVIVED = "survived"
    ABSENT = "not here"
    """The project has nothing that could be broken so."""
    BROKEN = "broken"
    """The project no longer imports, or its tests no longer start: no fault, but a wreck."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One fault in one project."""

    fault: str
    verdict: Verdict
    place: str = ""
    by: str = ""
    """The first test that noticed."""


class Copy:
    """A project in a folder of its own, which is broken and mended in turn."""

    def __init__(self, files: Files, folder: Path) -> None:
        self._files = files
        self._folder = folder
        for path, text in files.items():
            self._write(path, text)

    def check(self) -> None:
        """Raise AssertionError unless the tests pass as the project is."""
        status, said = self._run_tests()
        if status != 0:
            raise AssertionError(f"the tests fail without any fault:\n{said[-3000:]}")

    def try_fault(self, fault: Fault) -> Trial:
        """Seed a fault, run the tests, and put everything back."""
        edit = fault.applied(self._files)
        if edit is None:
            return Trial(fault.name, Verdict.ABSENT)
        try:
            for path, text in edit.files.items():
                self._write(path, text)
            status, said = self._run_tests()
        finally:
            for path in edit.files:
                self._write(path, self._files[path])
        if status == 0:
            return Trial(fault.name, Verdict.SURVIVED, edit.place)
        noticed = re.search(r"^(?:FAILED|ERROR) (\S+)", said, re.MULTILINE)
        if status != 1 or noticed is None:
            return Trial(fault.name, Verdict.BROKEN, edit.place, said.strip()[-500:])
        return Trial(fault.name, Verdict.CAUGHT, edit.place, noticed[1])

    def _write(self, path: str, text: str) -> None:
        place = self._folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="\n")
        if path.endswith(".py"):
            # it holds good by second and size, which an edit may leave as they were
            Path(cache_from_source(str(place))).unlink(missing_ok=True)

    def _run_tests(self) -> tuple[int, str]:
        options = ["-x", "-q", "-rfE", "--tb=line", "--color=no", "-p", "no:cacheprovider"]
        plugins = ["-p", "anyio.pytest_plugin", "-p", "pytest_asyncio.plugin"]
        environment = {name: value for name, value in os.environ.items() if name in _KEPT}
        try:
            ran = subprocess.run(
                [sys.executable, "-c", _RUN, *options, *plugins],
                cwd=self._folder,
                env=environment | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return _NEVER_OVER, f"the tests are not over after {_SECONDS} s"
        return ran.returncode, ran.stdout
