"""Writes the platform's bill of materials: `python -m supply.sbom FILE` (CycloneDX 1.6, JSON)."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from supply.locked import ALL, APP, ROOT, with_installer
from workers.stages.sbom import bill_of_materials


def platform_bill() -> str:
    """The bill of what a checkout installs, and by what; the same locks give the same text."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locks = (with_installer(ALL), with_installer(APP))
    return bill_of_materials(project["name"], project["version"], *locks)


def main(arguments: list[str]) -> None:
    """Write it to the file that is the only argument; folders are made."""
    (place,) = map(Path, arguments)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(platform_bill(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
