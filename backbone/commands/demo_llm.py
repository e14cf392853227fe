"""`backbone demo-llm`: words become a backend, under a quota, with answers out of a script."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from backbone.client import Client, Job
    from backbone.scripted_llm.process import ScriptedServer

_OUTPUT: Final = Path("out/concerts")
_FIRST: Final = "A library: books, members, and who has borrowed what until when."
_SECOND: Final = "Concerts of bands at venues, with the tickets that were sold."
_QUOTA: Final = 2
_HOUR_SECONDS: Final = 3600
_DEFERRED_WITHIN_SECONDS: Final = 60
_OVER: Final = frozenset({"succeeded", "failed", "cancelled"})


@click.command(short_help="Show prompts, repairs and quotas, with scripted answers.")
def demo_llm() -> None:
    """Have a script answer where a model would: a prompt, a repair, a quota, an hour that passes.

    The platform, its workers and LangChain are the real ones, the provider is a scripted server on
    this machine, and the clock is put forward. Nothing is asked of anybody else.
    """
    from backbone.background_stack import BackgroundStack
    from backbone.client import Client
    from backbone.scripted_llm.process import ScriptedServer
    from common import clock

    began_at = clock.monotonic()
    click.echo(click.style("scripted answers, no model", bold=True))
    folder = Path(tempfile.mkdtemp(prefix="backbone-demo-llm-"))
    moved = folder / "clock"
    try:
        with ScriptedServer(folder / "scripts") as scripted:
            scripted.script("demo", *_steps())
            click.echo(f"Starting the platform with a quota of {_QUOTA} calls an hour ...")
            settings = _settings(scripted) | {clock.MOVED_BY: str(moved)}
            with BackgroundStack(folder / "data", settings) as stack:
                with Client(stack.api_url, stack.api_key) as client:
                    succeeded = _run(client, scripted, moved)
                click.echo("Stopping the platform ...")
        click.echo("  stopped; no process is left")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    click.echo(f"Done in {clock.monotonic() - began_at:.1f} s: scripted answers, no model.")
    sys.exit(0 if succeeded else 1)


def _steps() -> list[dict[str, Any]]:
    from importlib.resources import files

    text = files("backbone.scripted_llm").joinpath("demo.json").read_text(encoding="utf-8")
    steps: list[dict[str, Any]] = json.loads(text)
    return steps


def _settings(scripted: ScriptedServer) -> dict[str, str]:
    return {
        "DEFAULT_LLM_PROVIDER": "openai",
        "OPENAI_BASE_URL": scripted.openai_url("demo"),
        "OPENAI_API_KEY": "a-key-that-the-script-never-looks-at",
        "OPENAI_MODEL": "gpt-5.4",  # so that there is a price
        "LLM_CALLS_PER_HOUR": str(_QUOTA),
    }


def _run(client: Client, scripted: ScriptedServer, moved: Path) -> bool:
    """Two prompts, of which the second has to wait; whether both succeeded."""
    _head(f"1. A prompt: {_FIRST}")
    first = _follow(client, _submit(client, _FIRST))
    click.echo(f"  {_asked(scripted)}: the first answer had faults, the second none")

    _head(f"2. Another prompt: {_SECOND}")
    job_id = _submit(client, _SECOND)
    waiting = _wait_until_deferred(client, job_id)
    if waiting["status"] != "deferred":
        click.echo(f"  it is {waiting['status']} and should have waited", err=True)
        return False
    click.echo(f"  {waiting['status']}: {waiting['deferred_reason']}")
    click.echo(f"  goes on by itself at {_time(waiting['deferred_until'])}")
    click.echo(f"  {_asked(scripted)}: nothing was asked for it yet")

    _head("3. The clock is put forward by an hour")
    moved.write_text(str(_HOUR_SECONDS), encoding="ascii")
    second = _follow(client, job_id)
    click.echo(f"  {_asked(scripted)}")
    if second["status"] == "succeeded":
        _unpack(client, job_id)
    return all(job["status"] == "succeeded" for job in (first, second))


def _submit(client: Client, words: str) -> str:
    body = {"prompt": words, "run": {"verify": "fast"}}
    return str(client.submit(json.dumps(body).encode())["id"])


def _follow(client: Client, job_id: str) -> Job:
    from rich.console import Console

    from backbone.commands.jobs import conclude, follow

    job = follow(client, job_id, console=Console())
    conclude(job, as_json=False)
    usage = job["usage"]
    click.echo(
        f"  calls {usage['llm_calls']}, tokens {usage['input_tokens']} read and"
        f" {usage['output_tokens']} written, ${usage['cost_usd']:.4f} at the price of gpt-5.4"
    )
    return job


def _wait_until_deferred(client: Client, job_id: str) -> Job:
    from common import clock

    deadline = clock.monotonic() + _DEFERRED_WITHIN_SECONDS
    while (job := client.job(job_id))["status"] not in _OVER | {"deferred"}:
        if clock.monotonic() > deadline:
            break
        time.sleep(0.2)
    return job


def _asked(scripted: ScriptedServer) -> str:
    billed = scripted.record("demo").billed
    return f"asked {billed} time{'' if billed == 1 else 's'} so far"


def _time(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%H:%M:%S} UTC"


def _unpack(client: Client, job_id: str) -> None:
    from backbone.project_folder import tree, write_project
    from backbone.project_zip import files_of

    files = files_of(client.artifact(job_id))
    write_project(files, _OUTPUT, keeps_edits=False)
    _head(f"{_OUTPUT}/ ({len(files)} files)")
    for line in tree([path for path in files if path.startswith("app/models/")]):
        click.echo(line)


def _head(words: str) -> None:
    click.echo(click.style(f"\n{words}", bold=True))
