"""The results of earlier runs, one file a document: what was proven need not be proven again."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

import backbone
import common
import workers
from backbone.corpus.proof import Case, Wishes
from backbone.corpus.result import DocumentResult
from common.document.limits import DocumentLimits
from common.errors import BackboneError

_OURS: Final = (backbone, common, workers)
_CODE: Final = (".py", ".jinja", ".txt")


class ResultsError(BackboneError):
    """The folder of results can't be written to; the message says why."""


@dataclass(frozen=True, slots=True)
class KeptResults:
    """A folder of results, for documents that are all tried as `wishes` say."""

    folder: Path
    wishes: Wishes
    limits: DocumentLimits
    machine: tuple[str, ...]
    """What there is here to try them with: the sandbox's layers and the servers."""

    def find(self, case: Case) -> DocumentResult | None:
        """What the same code made of the same document before; None if that is not known."""
        try:
            kept = json.loads(self._place(case).read_text(encoding="utf-8"))
            if kept.pop("key") != self._key(case):
                return None
            return DocumentResult.from_members(kept)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def keep(self, case: Case, result: DocumentResult) -> None:
        """Write the result down, all of it or nothing. Raises ResultsError.

        Of a document that can't be read nothing is kept.
        """
        try:
            key = self._key(case)
        except OSError:
            return
        place = self._place(case)
        partial = place.with_name(place.name + ".partial")
        text = json.dumps({"key": key, **result.members()}, indent=2)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(text + "\n", encoding="utf-8")
            partial.replace(place)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ResultsError(f"Can't write to {self.folder} (--results): {reason}") from None

    def _place(self, case: Case) -> Path:
        """One for each document and way to try it, so that `fast` does not replace `full`."""
        above = hashlib.sha256(os.fsencode(case.path.resolve().parent)).hexdigest()[:12]
        ways = (self.wishes.verify, self.wishes.db_type, self.wishes.add_missing_primary_keys)
        way = hashlib.sha256(repr(ways).encode()).hexdigest()[:6]
        return self.folder / f"{case.path.parent.name}-{above}" / f"{case.path.stem}.{way}.json"

    def _key(self, case: Case) -> str:
        """Of everything that the result depends on. OSError where the document can't be read."""
        values = (self.wishes, self.limits, self.machine, case.expectation)
        known = [_surroundings(), *map(repr, values)]
        digest = hashlib.sha256("\n".join(known).encode())
        digest.update(case.path.read_bytes())
        return digest.hexdigest()


@cache
def _surroundings() -> str:
    """A hash of our own code and templates, and of the packages that they run with."""
    digest = hashlib.sha256(sys.version.encode())
    for package in _OURS:
        root = Path(package.__path__[0])
        for path in sorted(root.rglob("*")):
            if path.suffix in _CODE:
                digest.update(f"{path.relative_to(root.parent)}\0".encode())
                digest.update(path.read_bytes())
    for name in sorted(f"{one.name}=={one.version}" for one in distributions()):
        digest.update(f"{name}\n".encode())
    return digest.hexdigest()
