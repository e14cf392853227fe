"""One document of a corpus: read, generated, verified, and judged by what is expected of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from backbone.corpus.expectations import Expectation
from backbone.corpus.places import missed, near, wrong_places
from backbone.corpus.result import Came, DocumentResult
from backbone.places import place
from common.clock import monotonic
from common.document.limits import DocumentLimits
from common.document.read import Reading
from common.document.strict_json import parse_json
from common.document.unsupported import read_supported
from common.errors import BackboneError, Fault, GenerationError, RequestError, TransientError
from workers.engines import Engines
from workers.pipeline import Outcome, Progress, StoppedError, run_pipeline
from workers.report import CheckResult
from workers.report import Outcome as CheckOutcome
from workers.sandbox.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Wishes:
    """How every document of a corpus is to be tried, whatever it says itself."""

    verify: str | None = None
    db_type: str | None = None
    add_missing_primary_keys: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A document and what is expected of it."""

    name: str
    path: Path
    expectation: Expectation


@dataclass(frozen=True, slots=True)
class Prover:
    """What tries documents in one process."""

    wishes: Wishes
    limits: DocumentLimits
    sandbox: Sandbox
    engines: Engines
    cancelled: Callable[[], bool]

    def prove(self, case: Case) -> DocumentResult:
        """What comes of a document; StoppedError soon after `cancelled()` turned true."""
        began_at = monotonic()
        trial = _Trial(self, case)
        try:
            trial.run()
        except StoppedError:
            raise
        except OSError as error:
            trial.wrong.append(f"can't be read: {(error.strerror or str(error)).lower()}")
        except (GenerationError, TransientError) as error:
            trial.wrong.append(f"{error.code}: {error.message}")
        except BackboneError as error:
            trial.wrong.append(str(error))
        except Exception as error:  # noqa: BLE001 - a bug of ours fails this document, not the run
            trial.wrong.append(f"internal error: {type(error).__name__}: {error}"[:1000])
        return DocumentResult(
            document=case.name,
            outcome=Came.FAILED if trial.wrong else Came.PASSED,
            what=", then ".join(trial.what),
            tables=trial.tables,
            seconds=round(monotonic() - began_at, 2),
            wrong=tuple(trial.wrong),
            compiled_only=any("compiled only" in " ".join(one.warnings) for one in trial.reports),
            reports=tuple(asdict(report) for report in trial.reports),
        )


class _Trial:
    """One document while it is tried."""

    def __init__(self, prover: Prover, case: Case) -> None:
        self._prover = prover
        self._case = case
        self.what: list[str] = []
        self.wrong: list[str] = []
        self.tables: int | None = None
        self.reports: list[Any] = []

    def run(self) -> None:
        """Try the document as the expectation says, once or, with keys added, twice."""
        expectation = self._case.expectation
        body = self._case.path.read_bytes()
        added = self._prover.wishes.add_missing_primary_keys
        if not (added and expectation.good_with_added_keys):
            self._try(body, expectation, add_keys=added)
        if expectation.good_with_added_keys:
            self._try(body, Expectation("accept"), add_keys=True)

    def _try(self, body: bytes, expectation: Expectation, *, add_keys: bool) -> None:
        raw: object = None
        try:
            raw = self._as_wished(parse_json(body), add_keys=add_keys)
            reading = read_supported(raw, self._prover.limits)
            faults = reading.faults
        except RequestError as error:
            reading, faults = None, error.faults or (Fault("", error.code, error.detail),)
        if isinstance(raw, dict) and isinstance(raw.get("schema"), list):
            self.tables = len(raw["schema"])
        if faults or reading is None:
            self.what.append("refused")
            self.wrong += _unlike_refusal(faults, expectation, raw)
            return
        self.what.append("generated")
        if expectation.answer == "refuse":
            self.wrong.append(f"accepted, but has to be refused: {expectation.why}")
            return
        self._generate(reading)

    def _generate(self, reading: Reading) -> None:
        outcome: Outcome = run_pipeline(
            reading.raw,
            limits=self._prover.limits,
            sandbox=self._prover.sandbox,
            engines=self._prover.engines,
            progress=Progress(
                stage=lambda _stage: None,
                step=lambda _done, _total: None,
                cancelled=self._prover.cancelled,
            ),
        )
        self.reports.append(outcome.report)
        self.wrong += [
            _in_short(check)
            for check in outcome.report.checks
            if check.outcome is CheckOutcome.FAILED
        ]

    def _as_wished(self, raw: object, *, add_keys: bool) -> object:
        """The document with what was asked for instead of what it says; what is none stays."""
        if not isinstance(raw, dict):
            return raw
        document: dict[str, Any] = dict(raw)
        wishes = self._prover.wishes
        if wishes.db_type is not None:
            document["db_type"] = wishes.db_type
        if add_keys and isinstance(document.get("options", {}), dict):
            document["options"] = document.get("options", {}) | {"add_missing_primary_keys": True}
        if wishes.verify is not None and isinstance(document.get("run", {}), dict):
            document["run"] = document.get("run", {}) | {"verify": wishes.verify}
        return document


def _unlike_refusal(faults: tuple[Fault, ...], expectation: Expectation, raw: object) -> list[str]:
    """What a refusal says that was not expected, or does not say that was."""
    if expectation.answer == "accept":
        return [f"{place(fault.pointer)}: {fault.message}" for fault in faults]
    if expectation.answer == "either":
        return []
    pointers = [fault.pointer for fault in faults]
    if expectation.place is not None:
        places = [expectation.place]
    elif isinstance(raw, dict) and expectation.kinds:
        places = wrong_places(raw, expectation.kinds)
        unexpected = [
            f"refused at {place(pointer)}, which is not why it has to be"
            for pointer in pointers
            if places and not any(near(pointer, wrong) for wrong in places)
        ]
        if unexpected:
            return unexpected
    else:
        places = []
    return [f"refused, but not at {place}" for place in missed(pointers, places)]


def _in_short(check: CheckResult) -> str:
    said = "; ".join(check.details[:3]) or " ".join(check.output.splitlines()[-1:])
    return f"{check.name}: {check.reason or 'failed'}{': ' + said if said else ''}"[:1000]
