"""The `backbone` command. What a command needs is imported when it is run."""

from __future__ import annotations

import importlib
import logging
import signal
import sys
from types import FrameType
from typing import Final

import click

from backbone.places import place
from common.errors import BackboneError, RequestError

_COMMANDS: Final = {
    "up": "backbone.commands.up:up",
    "generate": "backbone.commands.generate:generate",
    "submit": "backbone.commands.submit:submit",
    "validate": "backbone.commands.validate:validate",
    "design": "backbone.commands.design:design",
    "corpus": "backbone.commands.corpus:corpus",
    "import": "backbone.commands.import_:import_",
    "jobs": "backbone.commands.jobs:jobs",
    "batches": "backbone.commands.batches:batches",
    "keys": "backbone.commands.keys:keys",
    "callers": "backbone.commands.callers:callers",
    "token": "backbone.commands.token:token",
    "doctor": "backbone.commands.doctor:doctor",
    "demo": "backbone.commands.demo:demo",
    "demo-llm": "backbone.commands.demo_llm:demo_llm",
    "version": "backbone.commands.version:version",
}


class _Commands(click.Group):
    """The commands by name, each imported on its first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Turn a data model into a FastAPI backend that has been proven to work."""


def main() -> None:
    """Run the command line: status 1 for what failed, 2 for wrong use, 130 and 143 for signals."""
    signal.signal(signal.SIGTERM, _end)
    # What is logged on the way is for logs; a person gets the error itself
    logging.getLogger("backbone").addHandler(logging.NullHandler())
    try:
        status = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        status = 130
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except RequestError as error:
        _complain(error.detail)
        for fault in error.faults:
            _complain(f"  {place(fault.pointer)}: {fault.message} [{fault.code}]")
        status = 1
    except BackboneError as error:
        _complain(str(error))
        status = 1
    except BrokenPipeError:
        sys.stderr.close()
        status = 1
    sys.exit(status if isinstance(status, int) else 0)


def _end(_number: int, _frame: FrameType | None) -> None:
    """On SIGTERM, leave as an exception does: what was started is stopped first."""
    sys.exit(143)


def _complain(line: str) -> None:
    click.echo(line, err=True)
