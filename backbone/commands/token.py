"""`backbone token`: access tokens, for those who shall not have the key."""

from __future__ import annotations

import json
import re
import sys
from typing import Final

import click

_LONGEST: Final = 65_536
_TOKEN: Final = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


@click.group(short_help="Make access tokens and take them back.")
def token() -> None:
    """Make access tokens at BACKBONE_URL, with the key in BACKBONE_API_KEY, and take them back."""


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


@token.command()
def revoke() -> None:
    """Take back the token in BACKBONE_TOKEN, or else the one on standard input.

    With the key in BACKBONE_API_KEY of the same caller, or one that may `admin`; without a key the
    token takes itself back. Once it is said that it is revoked, it is refused everywhere.
    """
    from backbone.client import Client
    from common.settings import read_client_settings

    settings = read_client_settings()
    if settings.backbone_token is not None:
        presented = settings.backbone_token.get_secret_value()
    else:
        presented = sys.stdin.buffer.read(_LONGEST).decode("latin-1")
    presented = presented.strip()
    if not presented:
        raise click.UsageError("there is no token, neither in BACKBONE_TOKEN nor on standard input")
    if not _TOKEN.fullmatch(presented):
        raise click.UsageError("what came is no token: it has three parts, with dots between")
    with Client.from_settings(settings) as client:
        revoked = client.revoke_token(presented)
    if not revoked:
        click.echo("Nothing to revoke: no token of this caller that is still good.", err=True)
        sys.exit(1)
    click.echo("revoked")


@token.command("rotate-secret")
@click.option("--end-overlap", is_flag=True, help="Make no new one, but forget the previous one.")
def rotate_secret(*, end_overlap: bool) -> None:
    """Change the secret that `backbone up` made to sign tokens, in DATA_DIR.

    What the secret until now has signed stays good, until --end-overlap. Both take effect when
    `backbone up` is started again.
    """
    from backbone.data_folder import forget_previous_jwt_secret, rotate_jwt_secret
    from common.settings import SettingsError, read_settings

    settings = read_settings()
    if settings.jwt_secret_key is not None:
        raise SettingsError(
            "JWT_SECRET_KEY: is set, so change it where that is done, and set"
            " JWT_SECRET_KEY_PREVIOUS to what it was"
        )
    if end_overlap:
        forget_previous_jwt_secret(settings.data_dir)
        click.echo("The previous secret is forgotten, once `backbone up` is started again.")
        return
    rotate_jwt_secret(settings.data_dir)
    click.echo("There is a new secret; `backbone up` takes it once it is started again.")
