"""`backbone submit`: a document to the server, a job back."""

from __future__ import annotations

import json
import sys

import click


@click.command(short_help="Hand in a document at BACKBONE_URL.")
@click.argument("file")
@click.option("--wait", is_flag=True, help="Stay until the job has ended; status 1 if it failed.")
@click.option("--json", "as_json", is_flag=True, help="Print the job as JSON.")
def submit(file: str, *, wait: bool, as_json: bool) -> None:
    """Hand in the document FILE (`-`: standard input) at BACKBONE_URL."""
    from backbone.client import Client
    from backbone.commands.jobs import conclude, follow
    from backbone.documents import read_file
    from common.settings import read_client_settings

    document = read_file(file)
    with Client.from_settings(read_client_settings()) as client:
        job = client.submit(document)
        if not wait:
            click.echo(json.dumps(job, indent=2) if as_json else f"{job['id']} {job['status']}")
            return
        if not as_json:
            click.echo(job["id"])
        job = follow(client, str(job["id"]), quiet=as_json)
        sys.exit(conclude(job, as_json=as_json, client=client))
