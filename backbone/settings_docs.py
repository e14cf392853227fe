"""Writes the table of settings into README.md and `.env.example`, or checks that they are current.

`python -m backbone.settings_docs --write` and `--check`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from common.access_settings import AccessSettings
from common.llm.settings import LlmSettings
from common.settings import ClientSettings, Settings

_BEGIN: Final = "<!-- settings:begin -->"
_END: Final = "<!-- settings:end -->"
_ENV_HEAD: Final = """\
# Every setting, with its default. Made from common/settings.py by `make lint`; don't edit.
# Copy this file to .env and uncomment what should be different. An empty value means unset.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as the documentation shows it."""

    variable: str
    type: str
    default: str
    meaning: str


def rows() -> Iterator[Row]:
    """Every setting, in the order of the code; those of its parts after its own."""
    parts = (AccessSettings, LlmSettings)
    taken_over = {name.upper() for part in parts for name in part.model_fields}
    yield from (row for row in _rows_of(Settings) if row.variable not in taken_over)
    for part in parts:
        yield from _rows_of(part)
    yield from _rows_of(ClientSettings)


def table() -> str:
    """The settings as a Markdown table."""
    lines = ["| variable | type | default | meaning |", "|---|---|---|---|"]
    for row in rows():
        default = f"`{row.default}`" if row.default else ""
        kind = row.type.replace("|", "\\|")
        lines.append(f"| `{row.variable}` | {kind} | {default} | {row.meaning} |")
    return "\n".join(lines)


def env_example() -> str:
    """The text of `.env.example`."""
    blocks = [f"# {row.meaning} ({row.type})\n# {row.variable}={row.default}\n" for row in rows()]
    return _ENV_HEAD + "\n" + "\n".join(blocks)


def readme_with_table(readme: str) -> str:
    """`readme` with the table between its markers; ValueError where it has none."""
    before, begin, rest = readme.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"README.md lacks the lines {_BEGIN!r} and {_END!r}")
    return f"{before}{_BEGIN}\n{table()}\n{_END}{after}"


def _rows_of(kind: type[BaseSettings]) -> Iterator[Row]:
    for name, field in kind.model_fields.items():
        yield Row(name.upper(), _type(field), _default(field), field.description or "")


def _type(field: FieldInfo) -> str:
    annotation = field.annotation
    optional = [part for part in get_args(annotation) if part is not type(None)]
    if get_origin(annotation) is not Literal and type(None) in get_args(annotation):
        annotation = optional[0]
    if get_origin(annotation) is Literal:
        return " | ".join(str(value) for value in get_args(annotation))
    if get_origin(annotation) is tuple:
        return "list"
    names = {"str": "text", "int": "number", "float": "number", "bool": "true | false"}
    name = getattr(annotation, "__name__", str(annotation))
    return names.get(name, {"SecretStr": "secret", "Path": "path"}.get(name, name))


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or value == ():
        return ""
    return str(value).lower() if isinstance(value, bool) else _plain(value)


def _plain(value: object) -> str:
    return f"./{value}" if isinstance(value, Path) and not value.is_absolute() else str(value)


def main(root: Path, *, write: bool) -> int:
    """Write or check both files under `root`; the exit status."""
    readme = root / "README.md"
    wanted = {
        root / ".env.example": env_example(),
        readme: readme_with_table(readme.read_text(encoding="utf-8")),
    }
    stale = [
        path
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        if write:
            path.write_text(wanted[path], encoding="utf-8")
        else:
            print(f"{path.name} does not list the settings as they are; run `make lint`")
    return 0 if write or not stale else 1


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parents[1], write="--write" in sys.argv[1:]))
