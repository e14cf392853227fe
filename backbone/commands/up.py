"""`backbone up`: the whole platform in the foreground, until Ctrl-C."""

from __future__ import annotations

import re
import signal
from types import FrameType
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from backbone.stack import Stack

_WORTH_SHOWING: Final = re.compile(
    r"\b(WARNING|ERROR|CRITICAL|FATAL|Traceback)\b|\"level\": ?\"(warning|error|critical)\"",
    re.IGNORECASE,
)

_USUAL: Final = ("Memory overcommit must be enabled", "event=key.made", "event=key.rotated")
"""What a start may say with nothing wrong: Valkey on most machines, where it hardly matters with a
log of appends, and the API of an API_KEY that it had not seen."""


@click.command(short_help="Run the platform until Ctrl-C.")
@click.option("-v", "--verbose", is_flag=True, help="Show every line of every process.")
def up(*, verbose: bool) -> None:
    """Run API, workers, beat, Flower and, unless REDIS_URL is set, Valkey, until Ctrl-C."""
    from backbone.data_folder import DataFolder
    from backbone.stack import plan_stack
    from backbone.stack_run import StackRun
    from common.settings import read_settings

    stop = _StopSignal()
    folder = DataFolder(read_settings().data_dir)
    try:
        stack = plan_stack(read_settings(), folder)
        show = _Terminal(verbose=verbose)
        run = StackRun(stack, folder, on_line=show)
        try:
            if run.start(stop.asked):
                for line in _greeting(stack):
                    click.echo(line)
                ended = _ended_api_key(stack)
                if ended is not None:
                    click.echo(ended)
                elif stack.made_api_key and not folder.key_was_shown:
                    click.echo(f"API key   {stack.made_api_key}   (shown only this once)")
                    folder.note_key_was_shown()
                click.echo("Ctrl-C stops everything.")
                run.watch(stop.asked)
            click.echo("Stopping ...")
        finally:
            run.stop()
        click.echo("Everything is stopped.")
    finally:
        folder.release()


class _StopSignal:
    """Notes that somebody asked to stop, by Ctrl-C or SIGTERM."""

    def __init__(self) -> None:
        self._asked = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def asked(self) -> bool:
        return self._asked

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True


class _Terminal:
    """Shows the lines of the children that somebody should see, with their sender's name."""

    def __init__(self, *, verbose: bool) -> None:
        self._verbose = verbose
        self._in_traceback: set[str] = set()

    def __call__(self, name: str, line: str) -> None:
        belongs_to_traceback = name in self._in_traceback and line.startswith((" ", "\t"))
        if "Traceback" in line:
            self._in_traceback.add(name)
        elif name in self._in_traceback and not belongs_to_traceback:
            self._in_traceback.discard(name)
            belongs_to_traceback = True
        usual = any(words in line for words in _USUAL)
        worth_showing = _WORTH_SHOWING.search(line) and not usual
        if self._verbose or belongs_to_traceback or worth_showing:
            click.echo(f"{name:>6} | {line}", err=True)


def _ended_api_key(stack: Stack) -> str | None:
    """What there is to say of an API_KEY that somebody revoked or rotated: a start undoes nothing.

    None while it is good.
    """
    from backbone.caller_store import stores_in
    from common import clock
    from common.db.engine import make_engine

    api_key = stack.settings.api_key
    if api_key is None or not stack.settings.enable_auth:
        return None
    engine = make_engine(stack.settings.effective_database_url)
    try:
        key = stores_in(engine).keys.find_latest(api_key.get_secret_value())
    finally:
        engine.dispose()
    if key is None or key.is_good(clock.now()):
        return None
    state = key.state(clock.now())
    return (
        f"API_KEY   is {state} ({key.id}) and refused; this makes another key:\n"
        "          backbone keys create NAME --scopes generate,validate,jobs:read,batches,admin"
    )


def _greeting(stack: Stack) -> list[str]:
    from backbone.stack import FLOWER_USER

    secrets = stack.settings.data_dir / "secrets.json"
    return [
        f"API       {stack.api_url}/api/v1   (documentation: {stack.api_url}/docs)",
        f"Flower    {stack.flower_url}   (user {FLOWER_USER}; password in {secrets})",
        f"Data      {stack.settings.data_dir}",
    ]
