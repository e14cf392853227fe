"""What `--json` prints."""

from __future__ import annotations

import click


def print_json(value: object) -> None:
    """Print it as the API would send it, indented: moments are RFC 3339 in UTC."""
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode())
