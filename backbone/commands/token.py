"""`backbone token`: access tokens, for those who shall not have the key."""

from __future__ import annotations

import json

import click


@click.group(short_help="Make access tokens.")
def token() -> None:
    """Make access tokens at BACKBONE_URL, with the key in BACKBONE_API_KEY."""


@token.command()
@click.option("--scopes", help="What it may do, comma-separated; else all that the key may.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def create(*, scopes: str | None, as_json: bool) -> None:
    """Make a token and print it; it ends by itself."""
    from backbone.commands.jobs import connect

    wanted = None
    if scopes is not None:
        wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
    with connect() as client:
        made = client.create_token(wanted)
    if as_json:
        click.echo(json.dumps(made, indent=2))
        return
    click.echo(made["access_token"])
    click.echo(f"good for {made['expires_in']} s: {', '.join(made['scopes'])}", err=True)
