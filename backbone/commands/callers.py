"""`backbone callers`: who calls and with which limits, straight in the platform's database."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from backbone.caller_store import OpenStores, has_database, no_such_caller, open_stores
from backbone.json_output import print_json

if TYPE_CHECKING:
    from common.callers import CallerFacts

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


class _Rates(click.ParamType[object]):
    """Rates as the settings spell them, or `usual` for what the settings say."""

    name = "rates|usual"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        from common.rates import check_rates

        try:
            return value if value == _USUAL else check_rates(str(value))
        except ValueError as error:
            self.fail(f"{value!r} {error}", param, ctx)


_AMOUNT = _Amount()
_RATES = _Rates()
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(short_help="Show callers, and set their limits and quotas.")
def callers() -> None:
    """Show callers and set what is their own, in the database of DATABASE_URL or under DATA_DIR."""


@callers.command("list")
@_JSON
def list_callers(*, as_json: bool) -> None:
    """List callers, and what they have of their own."""
    found: Sequence[CallerFacts] = ()
    if has_database():
        with open_stores() as stores:
            found = stores.callers.list()
    else:
        click.echo("There is no database yet (DATABASE_URL, DATA_DIR), and so no caller.", err=True)
    if as_json:
        print_json([facts.members() for facts in found])
        return
    for facts in found:
        own = ", ".join(f"{name} {value}" for name, value in _own(facts).items() if value != _USUAL)
        click.echo(f"{facts.caller.id:<33}  {facts.caller.name:<20}  {own}".rstrip())


@callers.command()
@click.argument("name")
@_JSON
def show(name: str, *, as_json: bool) -> None:
    """Show the caller NAME (or with this id), and what it has of its own."""
    with _existing(name) as stores:
        facts = stores.callers.get_facts(stores.get_caller(name))
    if as_json:
        print_json(facts.members())
        return
    click.echo(f"{facts.caller.name}  {facts.caller.id}  since {facts.created_at:%Y-%m-%d %H:%MZ}")
    if facts.tokens_valid_from is not None:
        click.echo(f"tokens from before {facts.tokens_valid_from:%Y-%m-%d %H:%MZ} are refused")
    _print(_own(facts))


@callers.command()
@click.argument("name")
@click.option("--authenticated", type=_RATES, help="All other calls.")
@click.option("--generation", type=_RATES, help="Generate, design, batches, retry.")
@click.option("--validation", type=_RATES, help="Validate.")
@_JSON
def limits(name: str, *, as_json: bool, **wanted: object) -> None:
    """Show how often the caller NAME may call, after setting what is given.

    Each is as RATE_LIMIT_… spell it (`20/minute;200/hour`), or `usual` for what these say for
    everybody. A running API goes by it within a second.
    """
    given = {tier: _or_usual(rates) for tier, rates in wanted.items() if rates is not None}
    with _existing(name) as stores:
        caller = stores.get_caller(name)
        stores.callers.change(caller, rates=given)
        own = asdict(stores.callers.get(caller.id).rates)
    shown = {tier: rates or _USUAL for tier, rates in own.items()}
    if as_json:
        print_json({"caller": caller.name, "limits": shown})
        return
    _print(shown)


@callers.command()
@click.argument("name")
@click.option("--calls", type=_AMOUNT, help="Calls to models in any hour.")
@click.option("--tokens", type=_AMOUNT, help="Tokens, read and written, in any hour.")
@click.option("--cost", "cost_usd", type=_AMOUNT, help="Dollars in any hour.")
@_JSON
def quota(name: str, *, as_json: bool, **wanted: object) -> None:
    """Show the LLM quotas of the caller NAME, after setting those that are given.

    Each is a number, `unlimited`, or `usual` for what the settings say for everybody.
    """
    given = {
        measure: value if isinstance(value, float) else None
        for measure, value in wanted.items()
        if value is not None
    }
    with _existing(name) as stores:
        caller = stores.get_caller(name)
        stores.callers.change(caller, quotas=given)
        own = stores.callers.get_facts(caller).quotas
    shown = {measure: _shown(value) for measure, value in own.items()}
    if as_json:
        print_json({"caller": caller.name, "quotas": shown})
        return
    _print(shown)


@contextmanager
def _existing(name: str) -> Iterator[OpenStores]:
    if not has_database():
        raise no_such_caller(name)
    with open_stores() as stores:
        yield stores


def _own(facts: CallerFacts) -> dict[str, float | str]:
    """The limits and quotas by name; `usual` where the settings' hold."""
    rates = {tier: own or _USUAL for tier, own in asdict(facts.caller.rates).items()}
    return rates | {measure: _shown(value) for measure, value in facts.quotas.items()}


def _print(shown: Mapping[str, float | str]) -> None:
    for name, value in shown.items():
        click.echo(f"{name:<14} {value}")


def _or_usual(rates: object) -> str | None:
    return None if rates == _USUAL else str(rates)


def _shown(value: float | None) -> float | str:
    if value is None:
        return _USUAL
    if math.isinf(value):
        return _UNLIMITED
    return int(value) if value.is_integer() else value
