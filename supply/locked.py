"""Every package that is pinned anywhere, and what it is pinned for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workers.stages.locks import LOCKS
from workers.stages.sbom import Pin, read_lock

ROOT: Final = Path(__file__).resolve().parents[1]
ALL: Final = ROOT / "requirements.lock"
"""What a checkout installs."""
APP: Final = ROOT / "requirements-app.lock"
"""What the image holds."""
INSTALLER: Final = ROOT / "supply" / "installer.lock"
"""What installs both, and is in both."""


@dataclass(frozen=True, slots=True)
class Use:
    """A package that is pinned, and whether it runs here, and is a part of projects."""

    pin: Pin
    here: str
    """Text: `runs`, `development`, or nothing"""
    in_projects: bool


def lock_files() -> list[Path]:
    """Every lock with packages of Python's index that somebody installs."""
    return [ALL, INSTALLER, *sorted(LOCKS.glob("*.txt"))]


def with_installer(lock: Path) -> str:
    """A lock and the one of what installs it, as one."""
    return lock.read_text(encoding="utf-8") + INSTALLER.read_text(encoding="utf-8")


def uses() -> Iterator[Use]:
    """Every package that a lock pins, by name and version."""
    app = {pin.text for pin in read_lock(with_installer(APP))}
    ours = {pin.text: pin for pin in read_lock(with_installer(ALL))}
    theirs = {
        pin.text: pin
        for path in LOCKS.glob("*.txt")
        for pin in read_lock(path.read_text(encoding="utf-8"))
    }
    for text, pin in sorted((theirs | ours).items()):
        here = "runs" if text in app else "development" if text in ours else ""
        yield Use(pin, here, text in theirs)
