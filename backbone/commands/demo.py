"""`backbone demo`: the whole platform for the length of one job."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from backbone.client import Client, Job

_DOCUMENT = Path("examples/blog.json")
_OUTPUT = Path("out/blog")


@click.command(short_help="Start everything, build an example, stop.")
def demo() -> None:
    """Start everything on free ports, build examples/blog.json into out/blog, stop everything."""
    from backbone.background_stack import BackgroundStack
    from backbone.client import Client
    from backbone.documents import read_file
    from common import clock

    began_at = clock.monotonic()
    document = read_file(str(_DOCUMENT))
    folder = Path(tempfile.mkdtemp(prefix="backbone-demo-"))
    try:
        click.echo(f"Starting the platform on free ports, in {folder} ...")
        with BackgroundStack(folder) as stack:
            click.echo(f"  API     {stack.api_url}/api/v1")
            click.echo(f"  Flower  {stack.flower_url}")
            click.echo(f"  up in {clock.monotonic() - began_at:.1f} s")
            with Client(stack.api_url, stack.api_key) as client:
                succeeded = _run(client, document)
            click.echo("Stopping the platform ...")
        click.echo("  stopped; no process is left")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    click.echo(f"Done in {clock.monotonic() - began_at:.1f} s.")
    sys.exit(0 if succeeded else 1)


def _run(client: Client, document: bytes) -> bool:
    """Submit the document, follow the job and show what came of it; whether it succeeded."""
    from rich.console import Console

    from backbone.commands.jobs import conclude, follow
    from backbone.project_folder import tree, write_project
    from backbone.project_zip import files_of
    from backbone.report_lines import report_lines
    from common.errors import RequestError

    job = client.submit(document)
    click.echo(f"Submitted {_DOCUMENT}: {job['id']}")
    job = follow(client, str(job["id"]), console=Console())
    status = conclude(job, as_json=False)
    if status == 0:
        files = files_of(client.artifact(str(job["id"])))
        write_project(files, _OUTPUT, keeps_edits=False)
        _head(f"{_OUTPUT}/")
        for line in tree(list(files)):
            click.echo(line)
    try:
        report = client.report(str(job["id"]))
    except RequestError as error:
        click.echo(f"\nNo verification report: {error.detail}")
    else:
        _head("Verification")
        for line in report_lines(report):
            click.echo(f"  {line}")
    _head("Not used")
    for line in _not_used(job, client.status()):
        click.echo(f"  {line}")
    click.echo("")
    if status == 0:
        click.echo(f"Try it:  source .venv/bin/activate && cd {_OUTPUT}")
        click.echo("         alembic upgrade head && uvicorn app.main:app")
    return status == 0


def _head(words: str) -> None:
    click.echo(click.style(f"\n{words}", bold=True))


def _not_used(job: Job, server: dict[str, Any]) -> list[str]:
    calls = (job.get("usage") or {}).get("llm_calls") or 0
    configured = server["capabilities"]["llm"]["configured"]
    llm = f"LLM: {'configured' if configured else 'not configured'}, {calls} calls"
    return [
        f"{llm}   (this document has no `operations` and no `prompt`: it needs none)",
        "PostgreSQL: set DATABASE_URL to keep jobs there instead of in SQLite",
        "Redis: set REDIS_URL (and CELERY_BROKER_URL) to use yours instead of the bundled Valkey",
        "Object storage: set ARTIFACT_URL to keep artifacts there instead of in a folder",
    ]
