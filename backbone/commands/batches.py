"""`backbone batches`: many documents at once."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from rich.console import Console

    from backbone.batch_client import Batch, BatchClient, ResultPage
    from backbone.batch_files import BatchFiles
    from backbone.client import ServerError
    from common.errors import BackboneError

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_WATCH = click.option("--watch", "stay", is_flag=True, help="Stay until all jobs have ended.")
_PAGE_LINES = 1000
_LOOK_AGAIN_SECONDS = 2.0


def connect() -> BatchClient:
    """The client that the settings describe."""
    from backbone.batch_client import BatchClient
    from common.settings import read_client_settings

    return BatchClient.from_settings(read_client_settings())


def follow(
    client: BatchClient, batch_id: str, *, quiet: bool = False, console: Console | None = None
) -> Batch:
    """Show a batch's progress, on stderr or `console`, until it is over; the batch then.

    Ctrl-C leaves it running, says how to go on and exits with 130.
    """
    from backbone.batch_progress import BatchProgress

    batch: Batch = {}
    try:
        with BatchProgress(console, quiet=quiet) as progress:
            for batch in client.watch_batch(batch_id):
                progress.show(batch)
    except KeyboardInterrupt:
        click.echo(f"\nThe batch goes on. To watch it: backbone batches watch {batch_id}", err=True)
        sys.exit(130)
    return batch


def conclude(batch: Batch, *, as_json: bool) -> NoReturn:
    """Say how a batch ended, and exit: with 1 unless every line succeeded."""
    from backbone.batch_progress import counts_in_words

    good = batch["counts"]["succeeded"] == batch["line_count"]
    if as_json:
        click.echo(json.dumps(batch, indent=2))
    else:
        click.echo(f"{batch['id']} {batch['status']}: {counts_in_words(batch)}", err=not good)
        if not good:
            click.echo(f"  what of each line: backbone batches results {batch['id']}", err=True)
        if batch["counts"]["succeeded"]:
            click.echo(f"  the projects: backbone batches download {batch['id']}", err=not good)
    sys.exit(0 if good else 1)


@click.group(short_help="Submit, watch and fetch many documents at once.")
def batches() -> None:
    """Hand in many documents at BACKBONE_URL at once, and fetch what became of them."""


@batches.command(short_help="Hand in many documents.")
@click.argument("source", metavar="FILE|DIR")
@click.option("--strict", is_flag=True, help="Any fault refuses all lines.")
@_WATCH
@_JSON
def submit(source: str, *, strict: bool, stay: bool, as_json: bool) -> None:
    """Hand in a FILE of JSON Lines (`-`: standard input), or the *.json files of a folder.

    A line is {"custom_id": "...", "body": {document}}; FILE may be a JSON list of such objects as
    well. The custom_id of a file in a folder is its name without .json. Says on stderr what is
    wrong with which line and file.

    Exit status 0 if there is a batch now, whatever was refused; 1 if there is none. With --watch 0
    only if every line, and every file of the folder, came to a project.
    """
    from backbone.batch_files import BatchFiles
    from backbone.client import ServerError
    from common.errors import BackboneError

    files = BatchFiles(source)
    lines = files.lines()
    if strict:
        lines = iter(list(lines))
        if files.unreadable:
            raise BackboneError("\n".join([*files.unreadable, "Nothing was handed in."]))
    with connect() as client:
        try:
            batch = client.submit_batch(lines, strict=strict)
        except ServerError as refused:
            raise _of_files(refused, files) from None
        finally:
            for line in files.unreadable:
                click.echo(line, err=True)
        for line in _faults(batch, files):
            click.echo(line, err=True)
        if stay:
            if not as_json:
                click.echo(batch["id"])
            ended = follow(client, batch["id"], quiet=as_json)
            if files.unreadable:
                count = len(files.unreadable)
                said = "1 file was" if count == 1 else f"{count} files were"
                click.echo(f"{said} not handed in.", err=True)
                _print(ended, as_json=as_json)
                sys.exit(1)
            conclude(ended, as_json=as_json)
    _print(batch, as_json=as_json)


@batches.command("list")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100))
@_JSON
def list_batches(*, limit: int, as_json: bool) -> None:
    """List your batches, newest first."""
    from backbone.batch_progress import counts_in_words

    with connect() as client:
        page = client.batches(limit)
    if as_json:
        click.echo(json.dumps(page, indent=2))
        return
    for batch in page["items"]:
        created = batch["created_at"][:19]
        words = counts_in_words(batch)
        click.echo(f"{batch['id']}  {batch['status']:<10}  {created}  {words}")


@batches.command()
@click.argument("batch_id")
@_JSON
def show(batch_id: str, *, as_json: bool) -> None:
    """Show one batch."""
    with connect() as client:
        batch = client.batch(batch_id)
    if as_json:
        click.echo(json.dumps(batch, indent=2))
        return
    for name, value in batch.items():
        if name in ("links", "errors") or value is None:
            continue
        text = value
        if isinstance(value, dict):
            text = ", ".join(f"{key} {each}" for key, each in value.items())
        click.echo(f"{name:<20} {text}")
    for line in _faults(batch):
        click.echo(f"{'refused':<20} {line}")


@batches.command(short_help="Stay until a batch is over.")
@click.argument("batch_id")
@_JSON
def watch(batch_id: str, *, as_json: bool) -> None:
    """Show a batch's progress until it is over; status 1 unless every line succeeded.

    Ctrl-C leaves the batch running.
    """
    with connect() as client:
        conclude(follow(client, batch_id, quiet=as_json), as_json=as_json)


@batches.command()
@click.argument("batch_id")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file that the results are appended to; else they are printed.",
)
@click.option("--wait", "stay", is_flag=True, help="Go on until the last one is there.")
@click.option("--force", is_flag=True, help="Begin the file anew, whatever is in it.")
@_JSON
def results(batch_id: str, *, output: Path | None, stay: bool, force: bool, as_json: bool) -> None:
    """Fetch what became of the lines so far, as JSON Lines.

    With -o the file goes on where it ended: what is fetched already is not fetched again. How far
    it goes is kept beside it, in FILE.cursor.
    """
    from backbone.batch_results import ResultFile

    with connect() as client:
        if output is None:
            for page in _pages(client, batch_id, "", stay=stay):
                click.echo(page.lines, nl=False)
            return
        count, complete = 0, False
        with ResultFile(output, batch_id, force=force) as file:
            for page in _pages(client, batch_id, file.cursor, stay=stay):
                file.append(page)
                count += page.lines.count(b"\n")
                complete = page.complete
    if as_json:
        said = {"file": str(output), "new_count": count, "complete": complete}
        click.echo(json.dumps(said, indent=2))
    else:
        more = "" if complete else "; there will be more"
        click.echo(f"{count} new results in {output}{more}")


@batches.command()
@click.argument("batch_id")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="A folder for the projects, each in one of its own, or a file ending in .zip; else"
    " BATCH_ID.zip.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Replace what is there, whoever made it: also a project's files that were changed or "
    "added since, which are lost.",
)
@_JSON
def download(batch_id: str, *, output: Path | None, force: bool, as_json: bool) -> None:
    """Fetch all artifacts of a finished batch."""
    from backbone.batch_folder import fetch, unpack
    from backbone.project_folder import check_target

    target = output or Path(f"{batch_id}.zip")
    as_zip = target.suffix == ".zip"
    if as_zip:
        check_target(target, force=force, as_zip=True)
    with connect() as client:
        if as_zip:
            fetch(client, batch_id, target)
        else:
            with tempfile.TemporaryDirectory() as folder:
                archive = Path(folder) / "batch.zip"
                fetch(client, batch_id, archive)
                unpack(archive, target, force=force)
    click.echo(json.dumps({"output": str(target)}, indent=2) if as_json else str(target))


@batches.command()
@click.argument("batch_id")
@_JSON
def cancel(batch_id: str, *, as_json: bool) -> None:
    """Stop all jobs of a batch."""
    _change(batch_id, "cancel", as_json=as_json)


@batches.command()
@click.argument("batch_id")
@_JSON
def pause(batch_id: str, *, as_json: bool) -> None:
    """Begin no more jobs of a batch; those that run go on."""
    _change(batch_id, "pause", as_json=as_json)


@batches.command()
@click.argument("batch_id")
@_JSON
def resume(batch_id: str, *, as_json: bool) -> None:
    """Let the jobs of a paused batch go again."""
    _change(batch_id, "resume", as_json=as_json)


@batches.command("retry-failed", short_help="Run failed lines again, as a new batch.")
@click.argument("batch_id")
@_WATCH
@_JSON
def retry_failed(batch_id: str, *, stay: bool, as_json: bool) -> None:
    """Run the failed lines of a batch again, as a batch of their own."""
    with connect() as client:
        batch = client.change_batch(batch_id, "retry-failed")
        for line in _faults(batch):
            click.echo(line, err=True)
        if stay:
            if not as_json:
                click.echo(batch["id"])
            conclude(follow(client, batch["id"], quiet=as_json), as_json=as_json)
    _print(batch, as_json=as_json)


def _change(batch_id: str, verb: str, *, as_json: bool) -> None:
    with connect() as client:
        batch = client.change_batch(batch_id, verb)
    _print(batch, as_json=as_json)


def _print(batch: Batch, *, as_json: bool) -> None:
    from backbone.batch_progress import counts_in_words

    if as_json:
        click.echo(json.dumps(batch, indent=2))
    else:
        click.echo(f"{batch['id']} {batch['status']}: {counts_in_words(batch)}")


def _faults(batch: Batch, files: BatchFiles | None = None) -> Iterator[str]:
    """What is wrong with lines, a line each; with the names of the `files` they were made of."""
    from backbone.client import place_of

    for fault in batch["errors"]:
        place = place_of(fault, files.name_of(fault["line"]) if files else None)
        yield f"{place}: {fault['message']} [{fault['code']}]"


def _of_files(refused: ServerError, files: BatchFiles) -> BackboneError:
    """Why nothing was accepted, with the names of the files that the lines were made of."""
    from dataclasses import replace

    from backbone.client import place_of
    from common.errors import BackboneError

    if refused.code == "empty_batch" and files.unreadable:
        return BackboneError("Nothing was handed in.")
    if refused.code == "no_valid_line" and files.is_one_document():
        told = f"{files.name} is one document, and no list of them: `backbone submit` hands it in."
        return BackboneError(told)
    names = [files.name_of(error.get("line", 0)) for error in refused.errors]
    refused.faults = tuple(
        replace(fault, pointer=place_of(error, name))
        for fault, error, name in zip(refused.faults, refused.errors, names, strict=True)
    )
    return refused


def _pages(client: BatchClient, batch_id: str, cursor: str, *, stay: bool) -> Iterator[ResultPage]:
    """The results from `cursor` on; with `stay` until the last one is there."""
    while True:
        page = client.results(batch_id, cursor, _PAGE_LINES)
        yield page
        cursor = page.cursor
        if page.complete or not (page.lines or stay):
            return
        if not page.lines:
            time.sleep(_LOOK_AGAIN_SECONDS)
