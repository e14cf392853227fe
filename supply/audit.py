"""Asks whether anybody knows of a vulnerability in what is pinned: `python -m supply.audit`.

pip-audit asks PyPI, or an OSV service with `--osv-url`. Where none answers, for lack of a network
or because the index is a mirror without advisories, that is said and is no failure: whoever works
offline could do nothing else. pip-audit itself says then that it found nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from common.clock import now
from supply.licences import EXCEPTIONS
from supply.locked import lock_files

SECONDS: Final = 60
"""For one run of pip-audit, of two; then it is said that nobody answered."""
_PROGRAM: Final = (sys.executable, "-m", "pip_audit")
_OPTIONS: Final = ("--disable-pip", "--require-hashes", "--format=json", "--progress-spinner=off")
_UNREACHABLE: Final = (
    "ConnectionError",
    "ProxyError",
    "ServiceError",
    "Timeout",
    "SSLError",
    "JSONDecodeError",  # a page for people, as a proxy's or a sign-in's
)
_MOST_NAMED: Final = 10


class CouldNotLookError(Exception):
    """Nobody was there to ask."""


@dataclass(frozen=True, slots=True)
class Known:
    """A vulnerability of a pinned package that somebody told of."""

    package: str
    version: str
    ids: frozenset[str]
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        """One line for people."""
        fixed = f"fixed in {', '.join(self.fixed_in)}" if self.fixed_in else "not fixed"
        return f"{self.package} {self.version}: {', '.join(sorted(self.ids))}; {fixed}"


@dataclass(frozen=True, slots=True)
class Borne:
    """A vulnerability that need not be acted on until a day."""

    id: str
    until: date
    reason: str


def read_borne(entries: Iterable[Mapping[str, Any]]) -> Iterator[Borne]:
    """The entries of `exceptions.toml`; ValueError for one without a reason or a day."""
    for entry in entries:
        until, reason = entry.get("until"), str(entry.get("reason", "")).strip()
        if not isinstance(until, date) or not reason:
            message = f"{entry.get('id')}: each entry needs a `reason` and a day: `until`"
            raise ValueError(message)
        yield Borne(str(entry["id"]), until, reason)


def judge(found: Iterable[Known], borne: Iterable[Borne], today: date) -> Iterator[str]:
    """What has to be acted on, one line each."""
    until = {one.id: one.until for one in borne}
    for known in found:
        days = [until[each] for each in known.ids if each in until]
        if not days:
            yield str(known)
        elif max(days) < today:
            yield f"{known} (borne until {max(days)}, which is over)"


def ask(locks: Sequence[Path], *, options: Sequence[str] = ()) -> tuple[list[Known], list[str]]:
    """What is known of the packages of these locks, and which packages nobody knows.

    Raises CouldNotLookError, and RuntimeError with what pip-audit said where it is at fault.
    """
    with tempfile.TemporaryDirectory() as folder:
        # One package first: to hear of each that it is not known takes long.
        entries = locks[0].read_text(encoding="utf-8").split("\n")
        end = next(at for at, line in enumerate(entries) if not line.endswith("\\"))
        probe = Path(folder) / "probe.txt"
        probe.write_text("\n".join(entries[: end + 1]) + "\n", encoding="utf-8")
        _, unknown = _run([probe], options)
    if unknown:
        raise CouldNotLookError(f"the service does not know even {unknown[0]}")
    return _run(locks, options)


def _run(locks: Iterable[Path], options: Sequence[str]) -> tuple[list[Known], list[str]]:
    command = [*_PROGRAM, *_OPTIONS, *options]
    for lock in locks:
        command += ["--requirement", str(lock)]
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise CouldNotLookError(f"no answer within {SECONDS} s") from None
    try:
        told = json.loads(ended.stdout)["dependencies"]
    except ValueError:
        last = ended.stderr.strip().rpartition("\n")[2]
        if any(each in last.partition(":")[0] for each in _UNREACHABLE):
            raise CouldNotLookError(last.partition(":")[0]) from None
        raise RuntimeError(last or "pip-audit said nothing") from None
    found = [
        Known(
            each["name"],
            each["version"],
            frozenset({one["id"], *one["aliases"]}),
            tuple(one["fix_versions"]),
        )
        for each in told
        for one in each.get("vulns", ())
    ]
    return found, [each["name"] for each in told if "skip_reason" in each]


@click.command()
@click.option("--osv-url", help="An OSV service to ask instead of PyPI.")
def main(*, osv_url: str | None) -> None:
    """Say what is known of what is pinned; 1 if something has to be done about it."""
    exceptions = tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8"))
    options = ("--vulnerability-service=osv", f"--osv-url={osv_url}") if osv_url else ()
    try:
        borne = list(read_borne(exceptions.get("vulnerability", ())))
        found, unknown = ask(lock_files(), options=options)
    except CouldNotLookError as error:
        _say(f"COULD NOT LOOK for known vulnerabilities, nothing was checked: {error}")
        return
    except (RuntimeError, ValueError) as error:
        _say(str(error))
        sys.exit(1)
    if unknown:
        more = f" and {len(unknown) - _MOST_NAMED} more" if len(unknown) > _MOST_NAMED else ""
        _say(f"nothing is known of {', '.join(unknown[:_MOST_NAMED])}{more}")
    wrong = list(judge(found, borne, now().date()))
    for line in wrong:
        _say(line)
    sys.exit(1 if wrong else 0)


def _say(line: str) -> None:
    click.echo(f"audit: {line}", err=True)


if __name__ == "__main__":
    main()
