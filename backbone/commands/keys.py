"""`backbone keys`: who may call, straight in the platform's database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from backbone.caller_store import has_database, open_stores

if TYPE_CHECKING:
    from common.keys.key import Key

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(short_help="Make and list keys.")
def keys() -> None:
    """Make and list keys, in the database of DATABASE_URL or under DATA_DIR."""


@keys.command()
@click.argument("name")
@click.option("--caller", "caller_name", default="default", show_default=True, help="Whose key.")
@click.option(
    "--scopes",
    default="generate,validate,jobs:read",
    show_default=True,
    help="What it may do, comma-separated: generate, validate, jobs:read, batches, admin.",
)
@_JSON
def create(*, name: str, caller_name: str, scopes: str, as_json: bool) -> None:
    """Make a key called NAME and print it; it can't be shown again."""
    wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
    with open_stores() as stores:
        made = stores.keys.create_key(stores.callers.ensure(caller_name), name=name, scopes=wanted)
    if as_json:
        click.echo(json.dumps(_described(made.key) | {"key": made.secret}, indent=2))
        return
    click.echo(made.secret)
    click.echo(f"{made.key.id} of {caller_name}: {', '.join(made.key.scopes)}", err=True)


@keys.command("list")
@click.option("--caller", "caller_name", help="Only this caller's keys.")
@_JSON
def list_keys(*, caller_name: str | None, as_json: bool) -> None:
    """List keys, oldest first, without what makes them keys."""
    found: Sequence[Key] = ()
    if has_database():
        with open_stores() as stores:
            caller = stores.callers.find(caller_name) if caller_name else None
            found = () if caller_name and caller is None else stores.keys.list_keys(caller)
    else:
        click.echo("There is no database yet (DATABASE_URL, DATA_DIR), and so no key.", err=True)
    if as_json:
        click.echo(json.dumps([_described(key) for key in found], indent=2))
        return
    for key in found:
        state = "revoked" if key.revoked_at else "good"
        scopes = ",".join(key.scopes)
        click.echo(
            f"{key.id}  {key.prefix}…  {state:<7}  {key.caller.name:<12}  {scopes}  {key.name}"
        )


def _described(key: Key) -> dict[str, object]:
    return {
        "id": key.id,
        "caller": key.caller.name,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": list(key.scopes),
        "created_at": key.created_at.isoformat(),
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }
