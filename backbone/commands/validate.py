"""`backbone validate`: is a document right? Answered here, without a server."""

from __future__ import annotations

import json
import sys

import click

from backbone.places import place


@click.command(short_help="Check a document.")
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def validate(file: str, *, as_json: bool) -> None:
    """Check the document FILE (`-`: standard input); status 1 if it is wrong."""
    from dataclasses import asdict

    from backbone.documents import read_file, read_json
    from common.document.limits_in_force import limits_in_force
    from common.document.unsupported import read_supported
    from common.errors import Fault, RequestError
    from common.settings import WITHOUT_STORES, read_settings

    body = read_file(file)
    warnings: tuple[Fault, ...] = ()
    build_order: tuple[str, ...] = ()
    try:
        reading = read_supported(read_json(body), limits_in_force(read_settings(WITHOUT_STORES)))
    except RequestError as error:
        faults = error.faults or (Fault("", error.code, error.detail),)
    else:
        faults, warnings = reading.faults, reading.warnings
        build_order = reading.resolved.build_order if reading.resolved else ()
    if as_json:
        findings = {
            "valid": not faults,
            "errors": [asdict(fault) for fault in faults],
            "warnings": [asdict(warning) for warning in warnings],
            "build_order": list(build_order),
        }
        click.echo(json.dumps(findings, indent=2))
    else:
        for kind, found in (("error", faults), ("warning", warnings)):
            for fault in found:
                line = f"{kind}: {place(fault.pointer)}: {fault.message} [{fault.code}]"
                click.echo(line, err=True)
        if not faults:
            click.echo(f"{file}: valid; tables in order: {', '.join(build_order)}")
    sys.exit(1 if faults else 0)
