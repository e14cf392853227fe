"""How text from outside gets into files: each filter makes it mean itself, and nothing more.

Templates have no other way in. What a filter returns is safe at the one place that it names; names
and expressions of the plan need none.
"""

from __future__ import annotations

import re
import textwrap
from typing import Final

from common.document.mysql_texts import is_wide
from workers.literals import literal

WIDTH: Final = 88
"""Characters of a line of prose, indentation included."""

_QUOTE: Final = re.compile(r'"(?="|$)')
"""Those that might end the docstring: before another one, and at the very end."""
_MARKDOWN: Final = re.compile(r"[\\`*_{}\[\]<>|~$&]|^[#+=-]|(?<=^\d)[.)]")


def docstring(text: str, indent: int = 4) -> str:
    """The inside of a triple-quoted docstring, wrapped behind `indent` spaces."""
    escaped = _QUOTE.sub('\\\\"', _one_line(text).replace("\\", "\\\\"))
    lines = textwrap.wrap(
        escaped, WIDTH - indent, break_long_words=False, break_on_hyphens=False
    ) or [""]
    return f"\n{' ' * indent}".join(lines)


def described(text: str | None, summary: str, indent: int = 4) -> str:
    """A whole docstring, quotes included: `summary`, or the description of whoever gave one.

    A description that does not fit on the first line comes after the summary.
    """
    if text is None or not text.strip():
        return f'"""{summary}"""'
    if "\n" not in (short := docstring(text, indent + 6)):
        return f'"""{short}"""'
    edge = " " * indent
    return f'"""{summary}\n\n{edge}{docstring(text, indent)}\n{edge}"""'


def comment(text: str) -> str:
    """What may follow a `#` on the same line, in any kind of file."""
    return _one_line(text)


def stored_comment(text: str, db_type: str) -> str:
    """A description as the database keeps it beside a table or a column."""
    if db_type != "mysql":
        return text
    return "".join("?" if is_wide(character) else character for character in text)


def quoted(text: str) -> str:
    """A string in double quotes as TOML and YAML both read it."""
    return '"' + "".join(_quoted_character(character) for character in text) + '"'


def markdown(text: str) -> str:
    """Text in Markdown, also in a cell of a table; no mark-up of its own survives."""
    return _MARKDOWN.sub(lambda match: f"\\{match[0]}", _one_line(text))


def _one_line(text: str) -> str:
    """`text` with white space as single blanks and all that can't be seen as escapes."""
    words = " ".join(text.split())
    return "".join(
        character if character.isprintable() else _escape(character) for character in words
    )


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  (a plane)


def _quoted_character(character: str) -> str:
    if character in {'"', "\\"}:
        return f"\\{character}"
    return character if character.isprintable() else _escape(character)


FILTERS: Final = {
    "literal": literal,
    "docstring": docstring,
    "described": described,
    "comment": comment,
    "stored_comment": stored_comment,
    "toml": quoted,
    "yaml": quoted,
    "markdown": markdown,
}
"""By the name that templates use."""
