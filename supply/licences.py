"""Under which licences all that is pinned comes, and whether each is one that can be taken.

    python -m supply.licences --write    writes workers/templates/licences.json, docs/licences.md
    python -m supply.licences --check    says what is not current, and what is refused

Written by `make lock`, from the packages' own metadata; checked by `make check`.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from email.message import Message
from typing import Final

from license_expression import ExpressionError, LicenseSymbol, get_spdx_licensing

from supply.locked import ROOT, Use, uses
from supply.metadata import metadata_of
from workers.stages.sbom import LICENCES, read_licences

PAGE: Final = ROOT / "docs" / "licences.md"
EXCEPTIONS: Final = ROOT / "supply" / "exceptions.toml"
PERMITTED: Final = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CNRI-Python",
        "ISC",
        "MIT",
        "MIT-0",
        "PSF-2.0",
        "Python-2.0",
        # They bind whoever changes the package itself, which nobody does here
        "LGPL-2.0-or-later",
        "LGPL-3.0-only",
        "MPL-2.0",
    }
)
_UNKNOWN: Final = "LicenseRef-unknown"
_PREFIX: Final = "License :: "
_CLASSIFIERS: Final = {
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""Those that name one licence; `BSD License` is two, `GNU ...` many."""
_SPELLINGS: Final = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "MIT License": "MIT",
    "MIT license": "MIT",
}
_SPDX: Final = get_spdx_licensing()


def licence_of(metadata: Message) -> str:
    """The SPDX expression that a package's metadata come to; `LicenseRef-unknown` if to none.

    What is said for programs goes before what is said for people.
    """
    said = metadata.get("License-Expression") or ""
    if said and is_spdx(said):
        return said
    free = (metadata.get("License") or "").strip().partition("\n")[0]  # some put the text there
    free = _SPELLINGS.get(free, free)
    if free and is_spdx(free):
        return free
    named = {
        each.rpartition(" :: ")[2]
        for each in metadata.get_all("Classifier", ())
        if each.startswith(_PREFIX)
    }
    known = {_CLASSIFIERS.get(each, _UNKNOWN) for each in named}
    return known.pop() if len(known) == 1 else _UNKNOWN


def is_spdx(expression: str) -> bool:
    """Whether it is an expression of licences that SPDX has."""
    try:
        parsed = _SPDX.parse(expression, validate=True, strict=True)
    except ExpressionError:
        return False
    return parsed is not None


def is_permitted(expression: str) -> bool:
    """Whether what comes under it can be taken: one side of an OR is enough."""
    if not is_spdx(expression):
        return False
    parsed = _SPDX.parse(expression)
    permitted = {symbol: _SPDX.TRUE for symbol in parsed.symbols if _is_permitted(symbol)}
    refused = {symbol: _SPDX.FALSE for symbol in parsed.symbols if symbol not in permitted}
    return bool(parsed.subs(permitted | refused).simplify() == _SPDX.TRUE)


def _is_permitted(symbol: LicenseSymbol) -> bool:
    return symbol.key in PERMITTED


def faults(
    found: Iterable[Use], licences: Mapping[str, str], refused: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    """One line for each package that is under a licence that can't be taken, or is not there."""
    wanted = {use.pin.text: use.pin.name for use in found}
    for text, name in wanted.items():
        licence = licences.get(text)
        if licence is None:
            yield f"{text}: not in {LICENCES.name}; run `make lock`"
        elif not is_permitted(licence) and not refused.get(name, {}).get("reason"):
            yield f"{text}: {licence} is not permitted; see {EXCEPTIONS.name}"
    for text in licences.keys() - wanted.keys():
        yield f"{text}: in {LICENCES.name}, and pinned nowhere; run `make lock`"


def page(found: Iterable[Use], licences: Mapping[str, str]) -> str:
    """The list for people."""
    lines = [
        "# Licences",
        "",
        "What `requirements.lock` and the locks of generated projects pin, and under which licence",
        "it comes by its own metadata. Written by `make lock`; `make check` refuses what is under",
        "none that is known, or under a strong copyleft (`supply/licences.py`).",
        "",
        "| package | version | licence | here | in projects |",
        "|---|---|---|---|---|",
    ]
    lines += (
        f"| {use.pin.name} | {use.pin.version} | {licences[use.pin.text]} | {use.here or '-'}"
        f" | {'yes' if use.in_projects else '-'} |"
        for use in found
    )
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check; 1 for what is not current or not permitted."""
    exceptions = tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8"))
    found = list(uses())
    if arguments == ["--write"]:
        read = metadata_of(use.pin for use in found)
        names = {use.pin.text: use.pin.name for use in found}
        given = exceptions["licences"]
        made = {text: given.get(names[text]) or licence_of(read[text]) for text in sorted(names)}
        LICENCES.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
        PAGE.write_text(page(found, made), encoding="utf-8")
    licences = read_licences(LICENCES)
    wrong = list(faults(found, licences, exceptions.get("refused", {})))
    if not wrong and PAGE.read_text(encoding="utf-8") != page(found, licences):
        wrong = [f"docs/{PAGE.name} is not current; run `make lock`"]
    for line in wrong:
        print(f"licences: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
