"""Ask the tests of generated projects what they notice.

    python -m tests.faults PROJECT_OR_DOCUMENT... [--only WORDS]

Each is a folder with a project or a document (`.json`). Prints a line for each fault, with the test
that caught it in each project; on the error stream as they come. Ends with status 1 if some
project misses more than one in ten, or is made a wreck (`BROKEN`) by one.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from common.document.limits import DocumentLimits
from common.document.read import read_document
from tests.faults.catalogue import FAULTS
from tests.faults.fault import Fault, Files
from tests.faults.trial import Copy, Trial, Verdict
from workers.plan import make_plan
from workers.stages.render import render


def project(path: Path) -> Files:
    """The files of a project, or of what a document comes out as."""
    if path.is_dir():
        return {
            file.relative_to(path).as_posix(): file.read_text(encoding="utf-8")
            for file in path.rglob("*")
            if file.is_file() and file.suffix not in {".pyc", ".db"}
        }
    reading = read_document(json.loads(path.read_bytes()), DocumentLimits())
    if reading.resolved is None:
        raise SystemExit(f"{path}: {reading.faults}")
    return render(make_plan(reading.resolved))


def tried(name: str, files: Files, faults: Sequence[Fault]) -> list[Trial]:
    """What becomes of each fault in one project."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        copy = Copy(files, Path(folder))
        copy.check()
        trials = []
        for fault in faults:
            trials.append(copy.try_fault(fault))
            click.echo(f"{name}: {fault.name}: {cell(trials[-1])}", err=True)
        return trials


def cell(trial: Trial) -> str:
    """What the table says of a fault in a project."""
    if trial.verdict is Verdict.CAUGHT:
        return trial.by.removeprefix("tests/").removeprefix("routes/")
    return "-" if trial.verdict is Verdict.ABSENT else trial.verdict.upper()


def main() -> None:
    """Print the table, what survived, and how many were caught of how many."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("projects", nargs="+", type=Path, metavar="PROJECT_OR_DOCUMENT")
    parser.add_argument("--only", default="", help="only faults with these words in their names")
    arguments = parser.parse_args()
    faults = [fault for fault in FAULTS if arguments.only in fault.name]
    names = [path.stem for path in arguments.projects]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        columns = list(
            pool.map(lambda path: tried(path.stem, project(path), faults), arguments.projects)
        )
    rows = [["fault", *names]]
    rows += [
        [fault.name, *(cell(column[number]) for column in columns)]
        for number, fault in enumerate(faults)
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        click.echo(
            "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip()
        )
    click.echo()
    poor = False
    for name, column in zip(names, columns, strict=True):
        caught = [trial for trial in column if trial.verdict is Verdict.CAUGHT]
        missed = [trial for trial in column if trial.verdict is Verdict.SURVIVED]
        broken = [trial for trial in column if trial.verdict is Verdict.BROKEN]
        for trial in missed:
            click.echo(f"{name}: survived: {trial.fault} ({trial.place})")
        for trial in broken:
            click.echo(f"{name}: broken: {trial.fault} ({trial.place}): {trial.by}")
        click.echo(f"{name}: {len(caught)} caught, {len(missed)} survived")
        poor |= len(missed) * 10 > len(caught) + len(missed) or bool(broken)
    sys.exit(poor)


if __name__ == "__main__":
    main()
