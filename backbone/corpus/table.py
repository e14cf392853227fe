"""The results of a corpus, in lines for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import click

from backbone.corpus.result import Came, DocumentResult

_COLOURS: Final = {Came.PASSED: "green", Came.FAILED: "red"}
_MOST_WORDS: Final = 200
_MOST_LINES: Final = 20


def live_line(done: int, total: int, result: DocumentResult, *, known: bool) -> str:
    """One document, as soon as it is over."""
    count = f"[{done:>{len(str(total))}}/{total}]"
    seconds = "     known" if known else f"{result.seconds:8.1f} s"
    tables = "" if result.tables is None else f"  {result.tables} tables"
    line = f"{count} {_mark(result, 6)} {seconds}  {result.document}{tables}{_how(result)}"
    return f"{line}: {_short(result.wrong[0])}" if result.wrong else line


def table_lines(results: Sequence[DocumentResult]) -> list[str]:
    """One line a document below a heading; what went wrong stands below the document."""
    width = max([len("document"), *(len(result.document) for result in results)])
    lines = [f"{'document':<{width}}  tables  outcome  seconds  what came of it"]
    for result in results:
        tables = "?" if result.tables is None else str(result.tables)
        came = result.what or "nothing"
        if result.compiled_only:
            came += " (compiled only)"
        lines.append(
            f"{result.document:<{width}}  {tables:>6}  {_mark(result, 7)}  {result.seconds:>7.1f}"
            f"  {came}"
        )
        lines += [f"    {_short(each)}" for each in result.wrong[:_MOST_LINES]]
        if len(result.wrong) > _MOST_LINES:
            lines.append(f"    and {len(result.wrong) - _MOST_LINES} more")
    return lines


def count_line(results: Sequence[DocumentResult], skipped: int) -> str:
    """`N passed, M failed`, and how many were not tried if any were not."""
    passed = sum(result.passed for result in results)
    more = f", {skipped} skipped" if skipped else ""
    return f"{passed} passed, {len(results) - passed} failed{more}"


def _mark(result: DocumentResult, width: int) -> str:
    return click.style(f"{result.outcome.value:<{width}}", fg=_COLOURS[result.outcome])


def _how(result: DocumentResult) -> str:
    return "  compiled only" if result.compiled_only else ""


def _short(line: str) -> str:
    """One line without what a terminal would take for more than text."""
    plain = "".join(each if each.isprintable() else " " for each in line)
    return plain if len(plain) <= _MOST_WORDS else plain[: _MOST_WORDS - 1] + "…"
