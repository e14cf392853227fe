"""`backbone jobs`: what became of what was handed in."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from backbone.client import Client, Job

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def connect() -> Client:
    """The client that the settings describe."""
    from backbone.client import Client
    from common.settings import read_client_settings

    return Client.from_settings(read_client_settings())


def follow(
    client: Client, job_id: str, *, quiet: bool = False, console: Console | None = None
) -> Job:
    """Show all that happens to a job, on stderr or `console`, until it has ended; the finished job.

    What happened before is shown too, so no stage is missed, however short it was.
    """
    from backbone.progress import JobProgress

    with JobProgress(console, quiet=quiet) as progress:
        for event in client.follow(job_id):
            progress.show_job(event)
    return client.job(job_id)


def conclude(job: Job, *, as_json: bool, client: Client | None = None) -> int:
    """Say how a finished job ended; the exit status.

    With a `client` its report is asked for how the operations did.
    """
    succeeded = job["status"] == "succeeded"
    if as_json:
        click.echo(json.dumps(job, indent=2))
    else:
        for line in _ending(job):
            click.echo(line, err=not succeeded)
        for line in _operations(client, job) if client else ():
            click.echo(f"  {line}", err=not succeeded)
    return 0 if succeeded else 1


@click.group(short_help="List, show, watch, cancel, retry and download jobs.")
def jobs() -> None:
    """List, show, watch, cancel, retry and download jobs of BACKBONE_URL."""


@jobs.command("list")
@click.option("--status", help="Only jobs of this status.")
@click.option("--project", help="Only jobs of this project_name.")
@click.option("--batch", help="Only jobs of the batch with this id.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100))
@_JSON
def list_jobs(
    *, status: str | None, project: str | None, batch: str | None, limit: int, as_json: bool
) -> None:
    """List your jobs, newest first."""
    wanted: dict[str, str | int] = {"limit": limit}
    if status:
        wanted["status"] = status
    if project:
        wanted["project_name"] = project
    if batch:
        wanted["batch_id"] = batch
    with connect() as client:
        page = client.jobs(**wanted)
    if as_json:
        click.echo(json.dumps(page, indent=2))
        return
    for job in page["items"]:
        name = job["project_name"] or ""
        click.echo(f"{job['id']}  {job['status']:<9}  {job['created_at'][:19]}  {name}")


@jobs.command()
@click.argument("job_id")
@_JSON
def show(job_id: str, *, as_json: bool) -> None:
    """Show one job."""
    with connect() as client:
        job = client.job(job_id)
        operations = [] if as_json else _operations(client, job)
    if as_json:
        click.echo(json.dumps(job, indent=2))
        return
    for line in (*_members(job), *operations):
        click.echo(line)


@jobs.command()
@click.argument("job_id")
@_JSON
def report(job_id: str, *, as_json: bool) -> None:
    """Show what was checked of a job's project, and what came of it."""
    from backbone.report_lines import report_lines

    with connect() as client:
        found = client.report(job_id)
    for line in [json.dumps(found, indent=2)] if as_json else report_lines(found):
        click.echo(line)


@jobs.command()
@click.argument("job_id")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file for the document; else it is printed.",
)
def document(job_id: str, *, output: Path | None) -> None:
    """Fetch a job's document, also one that a model made of words."""
    from backbone.documents import write_document

    with connect() as client:
        found = client.document(job_id)
    text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        write_document(output, text)


@jobs.command(short_help="Stay until a job has ended.")
@click.argument("job_id")
@_JSON
def watch(job_id: str, *, as_json: bool) -> None:
    """Show a job's progress until it has ended; status 1 if it did not succeed."""
    with connect() as client:
        job = follow(client, job_id, quiet=as_json)
        sys.exit(conclude(job, as_json=as_json, client=client))


@jobs.command()
@click.argument("job_id")
@_JSON
def cancel(job_id: str, *, as_json: bool) -> None:
    """Stop a job. One that has finished stays as it is, which is no error."""
    with connect() as client:
        job = client.cancel(job_id)
    if as_json:
        click.echo(json.dumps(job, indent=2))
    else:
        click.echo(f"{job['id']} {job['status']}: {job['detail']}")


@jobs.command()
@click.argument("job_id")
@click.option("--watch", "stay", is_flag=True, help="Stay until the new job has ended.")
@_JSON
def retry(job_id: str, *, stay: bool, as_json: bool) -> None:
    """Run a job that failed or was cancelled again, as a new job."""
    with connect() as client:
        job = client.retry(job_id)
        if not stay:
            click.echo(json.dumps(job, indent=2) if as_json else f"{job['id']} {job['status']}")
            return
        if not as_json:
            click.echo(job["id"])
        job = follow(client, str(job["id"]), quiet=as_json)
        sys.exit(conclude(job, as_json=as_json, client=client))


@jobs.command()
@click.argument("job_id")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="A folder for the project's files, or a file ending in .zip; else PROJECT_NAME.zip.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Replace what is there, whoever made it: also a project's files that were changed or "
    "added since, which are lost.",
)
@_JSON
def download(job_id: str, *, output: Path | None, force: bool, as_json: bool) -> None:
    """Fetch a job's artifact."""
    from backbone.project_folder import check_target, write_project, write_zip
    from backbone.project_zip import files_of

    with connect() as client:
        job = client.job(job_id)
        target = output or Path(_zip_name(job))
        as_zip = target.suffix == ".zip"
        check_target(target, force=force, as_zip=as_zip)
        content = client.artifact(job_id)
    if as_zip:
        write_zip(content, target)
    else:
        write_project(files_of(content), target, force=force)
    if as_json:
        said = {"job_id": job["id"], "path": str(target), "artifact": job["artifact"]}
        click.echo(json.dumps(said, indent=2))
    else:
        click.echo(str(target))


def _zip_name(job: Job) -> str:
    """What its zip is called: a server may call a project whatever it likes, and a file not."""
    from common.document.names import PROJECT_NAME

    named = [str(job[member]) for member in ("project_name", "id") if job[member]]
    return f"{next((name for name in named if PROJECT_NAME.fullmatch(name)), 'project')}.zip"


def _operations(client: Client, job: Job) -> list[str]:
    """How a job's operations did, a line each; none where there is no report."""
    from backbone.report_lines import operation_lines
    from common.errors import RequestError

    if not job["links"]["report"]:
        return []
    try:
        return operation_lines(client.report(job["id"]))
    except RequestError:  # it has expired meanwhile, or the project was not checked
        return []


def _members(job: Job) -> Iterator[str]:
    """What is known of a job, a member a line; an item a line for those that are lists."""
    for name, value in job.items():
        if name == "links":
            continue
        for item in value if isinstance(value, list) else [value]:
            text = item
            if isinstance(item, dict):
                text = ", ".join(f"{key} {each}" for key, each in item.items() if each is not None)
            if text not in (None, ""):
                yield f"{name:<16} {text}"


def _ending(job: Job) -> list[str]:
    lines = [f"{job['id']} {job['status']}"]
    if error := job.get("error"):
        lines.append(f"  {error['code']}: {error['message']}")
    if facts := job.get("verification"):
        lines.append(
            f"  checks: {facts['passed']} passed, {facts['failed']} failed, "
            f"{facts['skipped']} skipped"
        )
    lines += [f"  warning: {warning['message']}" for warning in job.get("warnings") or ()]
    return lines
