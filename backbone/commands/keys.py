"""`backbone keys`: who may call, straight in the platform's database."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from backbone.caller_store import (
    OpenStores,
    has_database,
    open_existing_stores,
    open_stores,
    wait_until_refused,
)
from backbone.durations import DURATION
from backbone.json_output import print_json

if TYPE_CHECKING:
    from common.callers import Caller
    from common.keys.key import Key

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_EXPIRES_IN = click.option(
    "--expires-in", type=DURATION, help="After how long it ends; else it does not."
)


@click.group(short_help="Make, list, rotate and revoke keys.")
def keys() -> None:
    """Make, list, rotate and revoke keys, in the database of DATABASE_URL or under DATA_DIR."""


@keys.command()
@click.argument("name")
@click.option("--caller", "caller_name", default="default", show_default=True, help="Whose key.")
@click.option(
    "--scopes",
    default="generate,validate,jobs:read",
    show_default=True,
    help="What it may do, comma-separated: generate, validate, jobs:read, batches, admin.",
)
@_EXPIRES_IN
@_JSON
def create(
    *, name: str, caller_name: str, scopes: str, expires_in: timedelta | None, as_json: bool
) -> None:
    """Make a key called NAME and print it; it can't be shown again."""
    from common.callers import check_name
    from common.clock import now
    from common.keys.key import check_end, check_scopes

    wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
    ends_at = None if expires_in is None else now() + expires_in
    # Before a caller is made for a key that then is not
    check_name(name)
    check_scopes(wanted)
    check_end(ends_at, now())
    with open_stores() as stores:
        caller = _get_or_create(stores, caller_name)
        made = stores.keys.create_key(caller, name=name, scopes=wanted, expires_at=ends_at)
    if as_json:
        print_json(made.key.members(now()) | {"key": made.secret})
        return
    click.echo(made.secret)
    ending = f", until {_at(ends_at)}" if ends_at else ""
    click.echo(f"{made.key.id} of {caller.name}: {', '.join(made.key.scopes)}{ending}", err=True)


@keys.command("list")
@click.option("--caller", "caller_name", help="Only this caller's keys.")
@_JSON
def list_keys(*, caller_name: str | None, as_json: bool) -> None:
    """List keys, oldest first, without what makes them keys."""
    from common.clock import now

    found: Sequence[Key] = ()
    if has_database():
        with open_stores() as stores:
            caller = stores.get_caller(caller_name) if caller_name else None
            found = stores.keys.list_keys(caller)
    else:
        click.echo("There is no database yet (DATABASE_URL, DATA_DIR), and so no key.", err=True)
    if as_json:
        print_json([key.members(now()) for key in found])
        return
    for key in found:
        used = f"used {_at(key.last_used_at)}" if key.last_used_at else "never used"
        cells = (
            key.id,
            f"{key.prefix}…".ljust(13),
            _state(key, now()).ljust(24),
            used.ljust(22),
            key.caller.name.ljust(12),
            ",".join(key.scopes),
            key.name,
        )
        click.echo("  ".join(cells))
    old = [key.id for key in found if key.is_old(now())]
    if old:
        click.echo(f"Older than 90 days: {', '.join(old)}.", err=True)
        click.echo("`backbone keys rotate KEY_ID` makes another in its place.", err=True)


@keys.command()
@click.argument("key_id")
@click.option(
    "--overlap",
    type=DURATION,
    default="24h",
    show_default=True,
    help="How long the old key stays good; 0: it ends at once.",
)
@click.option("--expires-in", type=DURATION, help="After how long the new one ends; else never.")
@_JSON
def rotate(*, key_id: str, overlap: timedelta, expires_in: timedelta | None, as_json: bool) -> None:
    """Make a key in the place of KEY_ID and print it; the old one ends after the overlap.

    The new one has the caller, the name and the scopes of the old one. With --overlap 0 the old one
    is refused everywhere when that is said, on standard error, not yet when the new one is printed.
    """
    from common.clock import now

    ends_at = None if expires_in is None else now() + expires_in
    with open_existing_stores() as stores:
        made = stores.keys.rotate_key(key_id, overlap=overlap, expires_at=ends_at)
        old = stores.keys.get_key(key_id)
    # Before anything can come between: it can't be shown again, and the old one may be gone
    if as_json:
        print_json(made.key.members(now()) | {"key": made.secret})
    else:
        click.echo(made.secret)
    if not overlap:
        wait_until_refused()
    until = f"is good until {_at(old.expires_at)}" if overlap else "is refused from now on"
    click.echo(f"{made.key.id} takes the place of {old.id}, which {until}.", err=True)


@keys.command()
@click.argument("key_id", required=False)
@click.option("--and-made", is_flag=True, help="Also the keys that KEY_ID made, and they made.")
@click.option("--all", "everything", is_flag=True, help="All keys and all tokens.")
@click.option("--caller", "caller_name", help="With --all: only those of this caller.")
@click.option("--yes", is_flag=True, help="Don't ask.")
def revoke(
    *, key_id: str | None, and_made: bool, everything: bool, caller_name: str | None, yes: bool
) -> None:
    """Revoke the key KEY_ID and the tokens that were made from it, or all of them.

    When it is said, they are refused everywhere.
    """
    from common.callers import LOCAL

    if everything == (key_id is not None):
        raise click.UsageError("say either KEY_ID or --all")
    if and_made and everything:
        raise click.UsageError("--and-made goes with KEY_ID")
    if caller_name is not None and not everything:
        raise click.UsageError("--caller goes with --all")
    with open_existing_stores() as stores:
        if key_id is not None:
            ended = stores.keys.revoke_key(key_id, and_made=and_made)
            wait_until_refused()
            _tell_revoked(stores.keys.get_key(key_id), ended, stores.keys.find_made_by(key_id))
            return
        caller = stores.get_caller(caller_name) if caller_name else None
        _confirm(caller, yes=yes)
        if caller is None:  # its moment is what callers begin with that nobody has heard of yet
            stores.callers.ensure(LOCAL)
        count = stores.keys.revoke_all(caller)
        wait_until_refused()
    whose = f"of {caller.name}" if caller else "of everybody"
    noun = "key" if count == 1 else "keys"
    click.echo(f"{count} {noun} and all tokens {whose} are revoked.")
    if caller is None:
        click.echo("`backbone keys create NAME --scopes …` makes the next one.", err=True)


def _tell_revoked(key: Key, ended: Sequence[Key], made: Sequence[Key]) -> None:
    from common.clock import now

    done = any(one.id == key.id for one in ended)
    how = "is revoked, with its tokens" if done else "was revoked before"
    click.echo(f"{key.id} ({key.name}, of {key.caller.name}) {how}.")
    for other in ended:
        if other.id != key.id:
            click.echo(f"{other.id} ({other.name}, of {other.caller.name}), which it made, too.")
    left = ", ".join(other.id for other in made if other.is_good(now()))
    if left:
        click.echo(f"It made keys that are good: {left}.", err=True)
        click.echo(f"`backbone keys revoke {key.id} --and-made` revokes them, too.", err=True)


def _confirm(caller: Caller | None, *, yes: bool) -> None:
    if yes:
        return
    whose = f"of {caller.name}" if caller else "of EVERYBODY, also API_KEY"
    if not sys.stdin.isatty():
        raise click.UsageError(f"this revokes all keys and tokens {whose}: say --yes")
    click.confirm(f"Revoke all keys and tokens {whose}?", abort=True)


def _get_or_create(stores: OpenStores, name: str) -> Caller:
    from common.errors import RequestError

    try:
        return stores.callers.get(name)
    except RequestError:
        return stores.callers.create(name)


def _state(key: Key, now: datetime) -> str:
    state = key.state(now)
    if state == "ends":
        return f"ends at {_at(key.expires_at)}"
    return f"{state}, but old" if key.is_old(now) else state


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%MZ}" if moment else ""
