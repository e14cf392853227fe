"""A script of SQL as single statements, each with the line on which it begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from common.document.resolved import DbType


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement without its comments; `line` counts from 1."""

    text: str
    line: int

    @property
    def words(self) -> str:
        """Its beginning, in upper case with single blanks, to tell what it does."""
        return " ".join(self.text[:300].split()).upper()


_PIECES: Final = r"""
      (?P<comment>--[^\n]*|/\*.*?\*/{more_comments})
    | (?P<quoted>{text}|"(?:[^"]|"")*"|`(?:[^`]|``)*`{more})
    | (?P<end>;)
"""
_FLAGS: Final = re.DOTALL | re.MULTILINE | re.VERBOSE
_BACKSLASHED: Final = r"'(?:[^'\\]|''|\\.)*'"
_STANDARD: Final = r"[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'"
_PATTERNS: Final[dict[str, re.Pattern[str]]] = {
    db_type: re.compile(_PIECES.format(more_comments=comments, text=text, more=more), _FLAGS)
    for db_type, comments, text, more in (
        ("postgresql", r"|^\\[^\n]*", _STANDARD, r"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"),
        ("mysql", r"|\#[^\n]*", _BACKSLASHED, ""),
        ("sqlite", "", _STANDARD, r"|\[[^\]]*\]"),
        ("mssql", "", _STANDARD, r"|\[[^\]]*\]"),
    )
}
_COPY: Final = re.compile(r"\s*COPY\s.*\sFROM\s+STDIN\b", re.IGNORECASE | re.DOTALL)
_COPY_END: Final = re.compile(r"^\\\.\s*$", re.MULTILINE)
_GO: Final = re.compile(r"^[ \t]*GO[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_DELIMITED: Final = re.compile(
    r"^DELIMITER[ \t]+(?!;[ \t]*\r?$)\S+[ \t]*\r?$.*?(?:^DELIMITER[ \t]+;[ \t]*\r?$|\Z)",
    re.MULTILINE | re.IGNORECASE | re.DOTALL,
)
_ROUTINE: Final = re.compile(
    r"\bCREATE\b(?:(?!\bCREATE\b).)*?\b(?P<kind>TRIGGER|PROCEDURE|FUNCTION|EVENT|VIEW)\s+"
    r"(?:IF\s+NOT\s+EXISTS\s+)?[`\"\[]?(?P<name>[\w.`\"$]+)",
    re.IGNORECASE | re.DOTALL,
)
_BODY: Final = re.compile(r"\s*CREATE\s+(?:TEMP\w*\s+)?TRIGGER\b", re.IGNORECASE)
_BODY_END: Final = re.compile(r"\bEND\s*\Z", re.IGNORECASE)


def split(script: str, db_type: DbType) -> Iterator[Statement]:
    """The statements of a script; a dump's rows and its client's commands are passed over."""
    script = _without_commands(script, db_type)
    pattern = _PATTERNS[db_type]
    start = position = 0
    kept: list[str] = []
    while True:
        found = pattern.search(script, position)
        if found is None:
            kept.append(script[position:])
            yield from _made(script, start, kept)
            return
        kept.append(script[position : found.start()])
        position = found.end()
        if found["comment"] is not None:
            kept.append(_worth_keeping(found["comment"], db_type))
        elif found["quoted"] is not None:
            kept.append(found["quoted"])
        elif _is_open("".join(kept), db_type):
            kept.append(";")
        else:
            text = "".join(kept)
            yield from _made(script, start, kept)
            if db_type == "postgresql" and _COPY.match(text):
                end = _COPY_END.search(script, position)
                position = end.end() if end else len(script)
            start, kept = position, []


def routines(script: str) -> Iterator[tuple[str, str]]:
    """Kind and name of what a MySQL script makes between DELIMITER lines and in `/*! … */`."""
    blocks = [found[0] for found in _DELIMITED.finditer(script)]
    blocks.append("\n".join(re.findall(r"/\*!.*?\*/", _DELIMITED.sub("", script), re.DOTALL)))
    seen: set[tuple[str, str]] = set()
    for block in blocks:
        plain = re.sub(r"/\*!\d*|\*/", " ", block)
        for found in _ROUTINE.finditer(plain):
            said = (found["kind"].lower(), re.sub(r"[`\"]", "", found["name"]).rpartition(".")[2])
            if said not in seen:
                seen.add(said)
                yield said


def _without_commands(script: str, db_type: DbType) -> str:
    """The script without what clients take for themselves; lines stay where they are."""

    def blank(found: re.Match[str]) -> str:
        return "\n" * found[0].count("\n")

    match db_type:
        case "mysql":
            return _DELIMITED.sub(blank, script)
        case "mssql":
            return _GO.sub(";", script)
        case "postgresql":
            return script  # psql's begin like comments, and like nothing in between rows
        case "sqlite":
            return re.sub(r"^\.[^\n]*", "", script, flags=re.MULTILINE)


def _worth_keeping(comment: str, db_type: DbType) -> str:
    """MySQL runs what stands in `/*! … */`; of a table, only its partitions matter."""
    if db_type == "mysql" and comment.startswith("/*!") and "PARTITION BY" in comment.upper():
        return f" {PARTITIONED} "
    return " " + "\n" * comment.count("\n")


PARTITIONED: Final = "/*partitions*/"
"""Stands where a statement had partitions, a comment to every parser."""


def _is_open(text: str, db_type: DbType) -> bool:
    """Whether a semicolon is one of several inside of a trigger's body."""
    return db_type == "sqlite" and bool(_BODY.match(text)) and not _BODY_END.search(text)


def _made(script: str, start: int, kept: list[str]) -> Iterator[Statement]:
    text = "".join(kept)
    if text.strip():
        skipped = len(text) - len(text.lstrip())
        line = script.count("\n", 0, start) + 1 + text.count("\n", 0, skipped)
        yield Statement(text.strip(), line)
