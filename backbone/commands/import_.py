"""`backbone import`: a project document from a live database or from DDL."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from workers.importing.source import Source

_DIALECTS = ("postgresql", "mysql", "sqlite", "mssql")


@click.command("import", short_help="Write the document of a database or of DDL.")
@click.argument("source", metavar="DATABASE_URL|FILE.sql")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file for the document; else it is printed.",
)
@click.option("--name", help="The project's name; else that of the database or the file.")
@click.option(
    "--schema",
    "schemas",
    multiple=True,
    help="A schema of a PostgreSQL or SQL Server database, also several (default: public).",
)
@click.option("--tables", help="Only these tables, separated by commas.")
@click.option(
    "--dialect",
    type=click.Choice(_DIALECTS),
    help="What the DDL is written in; else that is told from its words.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the document and the notes as JSON.")
def import_(
    source: str,
    *,
    output: Path | None,
    name: str | None,
    schemas: tuple[str, ...],
    tables: str | None,
    dialect: str | None,
    as_json: bool,
) -> None:
    """Write the document of a database; what it can't express is noted on stderr."""
    from backbone.documents import write_document
    from common.document.limits_in_force import limits_in_force
    from common.settings import WITHOUT_STORES, read_settings
    from workers.importing.document import import_source

    limits = limits_in_force(read_settings(WITHOUT_STORES))
    wanted = [table.strip() for table in (tables or "").split(",") if table.strip()]
    found = _read(source, schemas, dialect)
    imported = import_source(found, limits, name=name, tables=wanted)
    if as_json:
        notes = [{"place": note.place, "text": note.text} for note in imported.notes]
        said = {"document": imported.document, "notes": notes}
        click.echo(json.dumps(said, indent=2, ensure_ascii=False))
    for note in imported.notes if not as_json else ():
        click.echo(str(note), err=True)
    text = json.dumps(imported.document, indent=2, ensure_ascii=False) + "\n"
    if output is not None:
        write_document(output, text)
    elif not as_json:
        click.echo(text, nl=False)


def _read(source: str, schemas: tuple[str, ...], dialect: str | None) -> Source:
    from workers.importing.live import read_live

    if "://" in source:
        if dialect is not None:
            raise click.UsageError("--dialect is for files; a URL says it itself.")
        return read_live(source, schemas)
    from sqlalchemy import URL

    from backbone.documents import read_file
    from workers.importing.ddl import read_ddl

    body = read_file(source)
    if body.startswith(b"SQLite format 3\0"):
        return read_live(URL.create("sqlite", database=source), schemas)
    name = "imported" if source == "-" else Path(source).stem
    return read_ddl(body, name=name, dialect=dialect, schemas=schemas)
