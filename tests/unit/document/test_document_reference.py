"""docs/document.md against the models: every member with its default, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from common.document import conditions
from common.document.limits import DocumentLimits
from common.document.models import (
    Column,
    CompositeKey,
    DocumentOptions,
    Operation,
    ProjectDocument,
    Relationship,
    RunOptions,
    Table,
)
from common.document.read import read_document

REFERENCE = (Path(__file__).parents[3] / "docs" / "document.md").read_text(encoding="utf-8")

TABLES = {
    ("The whole", "member"): ProjectDocument,
    ("Table", "member"): Table,
    ("Column", "member"): Column,
    ("Foreign keys", "member"): CompositeKey,
    ("Relationship", "member"): Relationship,
    ("Options and run", "`options`"): DocumentOptions,
    ("Options and run", "`run`"): RunOptions,
    ("Operation", "member"): Operation,
}


def rows(heading, first):
    """{member: (type, default)} of the table below `heading` whose first column is `first`."""
    section = REFERENCE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = iter(section.splitlines())
    for line in lines:
        if line.startswith(f"| {first} |"):
            break
    found = {}
    for line in lines:
        if not line.startswith("|"):
            break
        name, kind, default, *_ = (cell.strip() for cell in line.strip("|").split("|"))
        found[name.strip("`")] = (kind, default)
    found.pop("---", None)
    return {name: row for name, row in found.items() if not set(name) <= {"-"}}


def shown(field):
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if default is None:
        return "none"
    if isinstance(default, str):
        return f"`{default}`"
    if default == ():
        return "`[]`"
    return "`{}`" if not isinstance(default, bool) else f"`{json.dumps(default)}`"


@pytest.mark.parametrize(("place", "model"), TABLES.items(), ids=lambda one: str(one)[:40])
def test_every_member_is_described_with_its_default(place, model):
    described = {name: default for name, (_, default) in rows(*place).items()}
    fields = {field.alias or name: shown(field) for name, field in model.model_fields.items()}
    assert described == fields


def test_every_type_is_described():
    listed = set()
    for name in rows("Column", "type"):
        listed.update(re.findall(r"\w+", name))
    assert listed == set(Column.model_fields["type"].annotation.__args__)


def test_the_example_is_a_document():
    example = json.loads(REFERENCE.split("```json\n")[1].split("```")[0])
    reading = read_document(example, DocumentLimits())
    assert reading.faults == ()
    assert [side.name for side in reading.resolved.table("books").relationships] == ["author"]


def test_the_grammar_is_the_one_of_the_parser():
    grammar = REFERENCE.split("## Checks")[1].split("```\n")[1]
    for line in grammar.splitlines():
        assert line.split("(for")[0].strip() in conditions.__doc__
