"""`backbone corpus`: every document of a folder, generated, verified and counted."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from backbone.corpus.result import DocumentResult

_INTERRUPTED: Final = 130


@click.command(short_help="Prove every document of a folder.")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; by default one a processor.")
@click.option(
    "--results",
    "kept_in",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where results are kept for the next run; by default in DATA_DIR.",
)
@click.option("--again", is_flag=True, help="Prove also what was proven before.")
@click.option(
    "--verify",
    type=click.Choice(["none", "fast", "full", "fuzz"]),
    help="How much is checked, whatever the documents say.",
)
@click.option(
    "--db-type",
    type=click.Choice(["postgresql", "mysql", "sqlite", "mssql"]),
    help="The database to make projects for, whatever the documents say.",
)
@click.option(
    "--add-missing-primary-keys",
    "add_keys",
    is_flag=True,
    help="Give a key to every table that has none.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=900,
    show_default=True,
    help="The most seconds for one document.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all results as JSON.")
def corpus(
    folder: Path,
    *,
    jobs: int | None,
    kept_in: Path | None,
    again: bool,
    verify: str | None,
    db_type: str | None,
    add_keys: bool,
    timeout: float,
    as_json: bool,
) -> None:
    """Generate and verify every document (*.json) in FOLDER and the folders below it.

    A document passes if every check does. Where EXPECT.tsv or INDEX.tsv beside it or one folder
    above says that it is to be refused, it passes if it is, at the right places.

    What passed is not proven again by the next run, unless the code or the document changed.
    """
    from backbone.checkout import checkout_cache
    from backbone.corpus.crew import Crew, Setting
    from backbone.corpus.folder import find_cases
    from backbone.corpus.kept import KeptResults
    from backbone.corpus.proof import Wishes
    from backbone.corpus.table import count_line, live_line, table_lines
    from backbone.stop_signal import StopSignal
    from common.document.limits_in_force import limits_in_force
    from common.settings import WITHOUT_STORES, read_settings

    settings = read_settings(WITHOUT_STORES)
    setting = Setting(
        Wishes(verify, db_type, add_keys),
        limits_in_force(settings),
        settings.cache_dir or checkout_cache(),
        settings.engine_urls,
    )
    results_folder = kept_in or settings.data_dir / "corpus"
    cases = find_cases(folder, without=results_folder)
    kept = KeptResults(results_folder, setting.wishes, setting.limits, setting.machine())
    crew = Crew(
        setting,
        jobs=jobs or len(os.sched_getaffinity(0)),
        timeout_seconds=timeout,
    )
    found: dict[str, DocumentResult] = {}

    def note(result: DocumentResult, *, known: bool) -> None:
        found[result.document] = result
        click.echo(live_line(len(found), len(cases), result, known=known), err=True)

    waiting = []
    for case in cases:
        earlier = None if again else kept.find(case)
        if earlier is not None and earlier.passed:
            note(earlier, known=True)
        else:
            waiting.append(case)
    stop = StopSignal()
    for case, result in crew.prove_all(waiting, stop.asked):
        kept.keep(case, result)
        note(result, known=False)
    results = [found[case.name] for case in cases if case.name in found]
    skipped = len(cases) - len(results)
    if as_json:
        summary = {
            "passed": sum(result.passed for result in results),
            "failed": sum(not result.passed for result in results),
            "skipped": skipped,
            "documents": [result.members() for result in results],
        }
        click.echo(json.dumps(summary, indent=2))
    else:
        for line in ["", *table_lines(results), "", count_line(results, skipped)]:
            click.echo(line)
    if stop.asked():
        click.echo("Stopped; the same command goes on from here.", err=True)
        sys.exit(_INTERRUPTED)
    if not all(result.passed for result in results):
        sys.exit(1)
