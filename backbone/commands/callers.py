"""`backbone callers`: what single callers may spend, straight in the platform's database."""

from __future__ import annotations

import json
import math

import click

from backbone.caller_store import has_database, open_stores

_USUAL = "usual"
_UNLIMITED = "unlimited"


class _Amount(click.ParamType[object]):
    """A number, `unlimited`, or `usual` for what the settings say."""

    name = "number|unlimited|usual"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        if value == _UNLIMITED:
            return math.inf
        if value == _USUAL:
            return value
        try:
            amount = float(str(value))
        except ValueError:
            amount = -1
        if not 0 <= amount < math.inf:
            self.fail(f"{value!r} is neither a number nor unlimited nor usual", param, ctx)
        return amount


_AMOUNT = _Amount()


@click.group(short_help="Set quotas of single callers.")
def callers() -> None:
    """Set quotas of single callers, in the database of DATABASE_URL or under DATA_DIR."""


@callers.command()
@click.argument("name")
@click.option("--calls", type=_AMOUNT, help="Calls to models in any hour.")
@click.option("--tokens", type=_AMOUNT, help="Tokens, read and written, in any hour.")
@click.option("--cost", "cost_usd", type=_AMOUNT, help="Dollars in any hour.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def quota(name: str, *, as_json: bool, **wanted: object) -> None:
    """Show the LLM quotas of the caller NAME, after setting those that are given.

    Each is a number, `unlimited`, or `usual` for what the settings say for everybody.
    """
    given = {
        measure: value if isinstance(value, float) else None
        for measure, value in wanted.items()
        if value is not None
    }
    unknown = click.ClickException(
        f"There is no caller {name}; `backbone keys create KEY --caller {name}` makes one."
    )
    if not has_database():
        raise unknown
    with open_stores() as stores:
        caller = stores.callers.find(name)
        if caller is None:
            raise unknown
        stores.callers.change(caller, quotas=given)
        own = stores.callers.get_facts(caller).quotas
    shown = {measure: _shown(value) for measure, value in own.items()}
    if as_json:
        click.echo(json.dumps({"caller": name, "quotas": shown}, indent=2))
        return
    for measure, value in shown.items():
        click.echo(f"{measure:<9} {value}")


def _shown(value: float | None) -> float | str:
    if value is None:
        return _USUAL
    if math.isinf(value):
        return _UNLIMITED
    return int(value) if value.is_integer() else value
