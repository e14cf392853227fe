"""The bill of materials of a project: what its lock pins, as CycloneDX 1.6.

https://cyclonedx.org/docs/1.6/json/. It says nothing of when it was made, so that the same lock
gives the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from workers.stages.locks import LOCKS

LICENCES: Final = LOCKS.parent / "licences.json"
"""By `name==version`, the licence of each package that any lock pins, as an SPDX expression."""
_ENTRY: Final = re.compile(r"^(?=[A-Za-z0-9])", re.MULTILINE)
_PIN: Final = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of a lock: a version of it, and the hashes of the files that it may come in."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def text(self) -> str:
        """Text: as the lock writes it."""
        return f"{self.name}=={self.version}"


def read_lock(text: str) -> Iterator[Pin]:
    """The packages of a lock with hashes, in its order."""
    for entry in _ENTRY.split(text):
        found = _PIN.match(entry)
        if found is not None:
            yield Pin(found[1], found[2], tuple(_HASH.findall(entry)))


def bill_of_materials(name: str, version: str, lock: str, app_lock: str) -> str:
    """The bill of a project of this name: all that `lock` pins.

    What `app_lock` does not pin, too, is marked as no part of what is run.
    """
    subject = {"type": "application", "bom-ref": "project", "name": name, "version": version}
    lines = [
        "{",
        '  "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",',
        '  "bomFormat": "CycloneDX",',
        '  "specVersion": "1.6",',
        '  "version": 1,',
        f'  "metadata": {{"component": {json.dumps(subject, ensure_ascii=False)}}},',
        '  "components": [',
        _components(lock, app_lock),
        "  ]",
        "}",
    ]
    return "\n".join(lines) + "\n"


@cache
def _components(lock: str, app_lock: str) -> str:
    """One line for each, in the lock's order, which is that of names."""
    licences = read_licences(LICENCES)
    run = {pin.text for pin in read_lock(app_lock)}
    lines = []
    for pin in read_lock(lock):
        url = f"pkg:pypi/{pin.name}@{pin.version.replace('+', '%2B')}"
        component = {
            "type": "library",
            "bom-ref": url,
            "name": pin.name,
            "version": pin.version,
            "scope": "required" if pin.text in run else "excluded",
            "hashes": [{"alg": "SHA-256", "content": digest} for digest in pin.hashes],
            "licenses": [{"expression": licences[pin.text]}],
            "purl": url,
        }
        lines.append("    " + json.dumps(component, separators=(",", ":")))
    return ",\n".join(lines)


def read_licences(path: Path) -> dict[str, str]:
    """By `name==version`, licences as `make lock` found them."""
    licences: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return licences
