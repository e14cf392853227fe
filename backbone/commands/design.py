"""`backbone design`: a document of words, made by a model that is asked from this process."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backbone.places import place

if TYPE_CHECKING:
    from common.jobs.job import LlmUsage
    from workers.stages.design import Design


@click.command(short_help="Have a model write a document of words, here.")
@click.argument("words")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file for the document; else it is printed.",
)
@click.option("--change", "given", metavar="FILE", help="A document to be changed as WORDS say.")
@click.option("--max-cost-usd", type=click.FloatRange(min=0), help="What it may cost at most.")
@click.option("--json", "as_json", is_flag=True, help="Print the document and the usage as JSON.")
def design(
    words: str,
    *,
    output: Path | None,
    given: str | None,
    max_cost_usd: float | None,
    as_json: bool,
) -> None:
    """Have a model write the document that WORDS (`-`: standard input) describe.

    Whose model, and its key, say the settings (DEFAULT_LLM_PROVIDER); no server is needed.
    """
    from dataclasses import asdict

    from backbone.documents import read_file, write_document
    from common.document.strict_json import parse_json

    asked: dict[str, Any] = {"prompt": sys.stdin.read() if words == "-" else words}
    if given is not None:
        asked["document"] = parse_json(read_file(given))
    if max_cost_usd is not None:
        asked["run"] = {"max_cost_usd": max_cost_usd}
    made, usage = _ask(asked, quiet=as_json)
    document = {name: value for name, value in made.document.items() if name != "run"}
    for warning in made.warnings:
        click.echo(f"warning: {place(warning.pointer)}: {warning.message}", err=True)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if output is not None:
        write_document(output, text)
    if as_json:
        said = {"document": document, "usage": asdict(usage)}
        click.echo(json.dumps(said, indent=2, ensure_ascii=False))
        return
    if output is None:
        click.echo(text, nl=False)
    click.echo(f"{made.provider}:{made.model}: {usage_line(usage)}", err=True)


def _ask(asked: dict[str, Any], *, quiet: bool) -> tuple[Design, LlmUsage]:
    """The design and what it came to; RequestError where words or document are wrong."""
    from backbone.progress import JobProgress
    from backbone.stop_signal import StopSignal
    from common.document.limits_in_force import limits_in_force
    from common.document.prompt import read_prompt
    from common.document.unsupported import NO_MODEL
    from common.errors import BackboneError, Fault, RequestError
    from common.settings import WITHOUT_STORES, read_settings
    from workers.llm.models import unmetered_model
    from workers.pipeline import Progress, StoppedError, run_design

    settings = read_settings(WITHOUT_STORES)
    limits = limits_in_force(settings)
    reading = read_prompt(asked, limits)
    faults = reading.faults
    if not limits.can_design:
        faults += (Fault("/prompt", "llm_not_configured", NO_MODEL),)
    if faults or reading.prompt is None:
        raise RequestError(422, "invalid_prompt", "Nothing can be designed:", faults=faults)
    stop = StopSignal()
    model = unmetered_model(
        settings, cancelled=stop.asked, max_cost_usd=reading.prompt.run.max_cost_usd
    )
    with JobProgress(quiet=quiet) as shown:
        progress = Progress(
            stage=lambda stage: shown.show("running", stage.value, 0, 0),
            step=lambda done, total: shown.show("running", "design", done, total),
            cancelled=stop.asked,
        )
        try:
            made = run_design(
                reading.raw,
                limits=limits,
                progress=progress,
                model=model,
                max_repairs=settings.max_repairs,
            )
        except StoppedError:
            raise BackboneError("Stopped; nothing was written.") from None
    return made, model.usage


def usage_line(usage: LlmUsage) -> str:
    """What calls to models came to, in one line."""
    calls = "1 call" if usage.llm_calls == 1 else f"{usage.llm_calls} calls"
    tokens = f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out"
    return f"{calls}, {tokens}, ${usage.cost_usd:.4f}"
