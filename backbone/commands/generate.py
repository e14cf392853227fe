"""`backbone generate`: the whole pipeline in this process, without a server."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backbone.places import place

if TYPE_CHECKING:
    from workers.pipeline import Outcome


@click.command(short_help="Turn a document into a project, here, and prove it.")
@click.argument("file")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="A folder for the project's files, or a file ending in .zip; else none is written.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Replace what is there, whoever made it: also a project's files that were changed or "
    "added since, which are lost.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the files and the report as JSON.")
def generate(file: str, *, output: Path | None, force: bool, as_json: bool) -> None:
    """Turn the document FILE (`-`: standard input) into a project, and prove it."""
    from dataclasses import asdict

    from backbone.documents import read_file
    from backbone.project_folder import check_target, write_project, write_zip
    from backbone.project_zip import files_of
    from backbone.report_lines import report_lines

    body = read_file(file)
    as_zip = output is not None and output.suffix == ".zip"
    if output is not None:
        check_target(output, force=force, as_zip=as_zip)
    outcome = _run(body, quiet=as_json)
    files = files_of(outcome.archive)
    report = asdict(outcome.report)
    if as_json:
        click.echo(json.dumps({"files": sorted(files), "report": report}, indent=2))
    else:
        for line in report_lines(report):
            click.echo(line)
    if not outcome.report.passed:
        click.echo("Not every check passed; nothing was written.", err=True)
        sys.exit(1)
    if output is not None and as_zip:
        write_zip(outcome.archive, output)
    elif output is not None:
        write_project(files, output, force=force)
    if output is not None and not as_json:
        click.echo(f"{len(files)} files in {output}")


def _run(body: bytes, *, quiet: bool) -> Outcome:
    """Check the document, then run it; RequestError with its faults if it is wrong."""
    from backbone.checkout import checkout_cache
    from backbone.commands.design import usage_line
    from backbone.documents import read_json
    from backbone.progress import JobProgress
    from backbone.stop_signal import StopSignal
    from common.document.limits_in_force import limits_in_force
    from common.document.unsupported import read_supported
    from common.errors import BackboneError, RequestError
    from common.settings import WITHOUT_STORES, read_settings
    from workers.engines import Engines
    from workers.llm.models import unmetered_model
    from workers.pipeline import Progress, StoppedError, run_pipeline
    from workers.sandbox.sandbox import open_sandbox

    settings = read_settings(WITHOUT_STORES)
    limits = limits_in_force(settings)
    reading = read_supported(read_json(body), limits)
    if reading.faults:
        raise RequestError(422, "invalid_document", "The document is wrong:", faults=reading.faults)
    for warning in reading.warnings:
        click.echo(f"warning: {place(warning.pointer)}: {warning.message}", err=True)
    stop = StopSignal()
    model = None
    if limits.can_implement and reading.run is not None:
        most = reading.run.max_cost_usd
        model = unmetered_model(settings, cancelled=stop.asked, max_cost_usd=most)
    with (
        JobProgress(quiet=quiet) as shown,
        open_sandbox(settings.cache_dir or checkout_cache()) as sandbox,
        Engines(settings.engine_urls) as engines,
    ):
        stage = ""

        def begin(name: str) -> None:
            nonlocal stage
            stage = name
            shown.show("running", stage, 0, 0)

        progress = Progress(
            stage=lambda name: begin(name.value),
            step=lambda done, total: shown.show("running", stage, done, total),
            cancelled=stop.asked,
        )
        try:
            outcome = run_pipeline(
                reading.raw,
                limits=limits,
                sandbox=sandbox,
                progress=progress,
                engines=engines,
                model=model,
                max_repairs=settings.max_repairs,
            )
        except StoppedError:
            raise BackboneError("Stopped; nothing was written.") from None
    if model is not None and model.usage.llm_calls:
        click.echo(f"models: {usage_line(model.usage)}", err=True)
    return outcome
