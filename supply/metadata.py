"""The metadata of a package at a version: as it is installed here, else as the index has it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from email.message import Message
from email.parser import HeaderParser
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from workers.stages.sbom import Pin


def metadata_of(pins: Iterable[Pin]) -> Mapping[str, Message]:
    """By `name==version`; asks the package index for what is not installed.

    Raises subprocess.CalledProcessError where the index does not have a wheel of one.
    """
    found: dict[str, Message] = {}
    missing = []
    for pin in pins:
        installed = _installed(pin)
        if installed is None:
            missing.append(pin)
        else:
            found[pin.text] = installed
    return found | _downloaded(missing)


def _installed(pin: Pin) -> Message | None:
    try:
        one = distribution(pin.name)
    except PackageNotFoundError:
        return None
    text = one.read_text("METADATA") if one.version == pin.version else None
    return None if text is None else HeaderParser().parsestr(text)


def _downloaded(pins: Iterable[Pin]) -> dict[str, Message]:
    found = {}
    for pin in pins:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            command += ["--only-binary=:all:", "--ignore-requires-python", "--dest", folder]
            subprocess.run([*command, pin.text], check=True, stdout=subprocess.DEVNULL)
            (wheel,) = Path(folder).glob("*.whl")
            found[pin.text] = _in_wheel(wheel)
    return found


def _in_wheel(path: Path) -> Message:
    with zipfile.ZipFile(path) as wheel:
        (name,) = [each for each in wheel.namelist() if each.endswith(".dist-info/METADATA")]
        return HeaderParser().parsestr(wheel.read(name).decode("utf-8"))
