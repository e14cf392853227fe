"""A prompt: words that a model makes a document of, and what may stand beside them.

The words themselves are never searched for patterns and never cut: what they become is checked like
a person's document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeGuard

from common.document.findings import Findings
from common.document.limits import DocumentLimits
from common.document.models import RunOptions
from common.document.pointers import pointer_to
from common.document.read import Reading, read_document
from common.errors import Fault, RequestError

MAX_PROMPT_LENGTH: Final = 20_000
"""Characters."""
_PROMPT: Final = "prompt"
_DOCUMENT: Final = "document"
_BESIDE: Final = (_DOCUMENT, "options", "run")
_EMPTY: Final[dict[str, object]] = {
    "project_name": "prompt",
    "db_type": "sqlite",
    "schema": [
        {
            "table_name": "prompts",
            "class_name": "Prompt",
            "columns": [{"name": "id", "type": "Integer", "primary_key": True}],
        }
    ],
}
"""A document without faults, to check `options` and `run` with."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is to make a document of."""

    text: str
    document: Mapping[str, Any] | None
    """The document that is to be changed; None makes a new one"""
    options: Mapping[str, Any] | None
    """What the document gets as its `options`; None leaves those of `document`"""
    run: RunOptions


@dataclass(frozen=True, slots=True)
class PromptReading:
    """What came of reading a prompt; with `faults` there is none.

    `raw` is what was sent, without null bytes: what gets stored, and what gives the same again.
    """

    prompt: Prompt | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    raw: dict[str, Any]


def is_prompt(raw: object) -> TypeGuard[dict[str, Any]]:
    """Whether a body asks for a design rather than being a document."""
    return isinstance(raw, dict) and _PROMPT in raw and "schema" not in raw


def read_prompt(raw: Mapping[str, Any], limits: DocumentLimits) -> PromptReading:
    """Read a prompt out of parsed JSON.

    Raises RequestError (400) for what is over a limit, and for a document beside it that holds a
    suspicious pattern.
    """
    text = raw[_PROMPT]
    warnings: list[Fault] = []
    if isinstance(text, str) and "\0" in text:
        text = text.replace("\0", "")
        warnings.append(Fault("/prompt", "null_bytes_removed", "Null bytes were removed."))
    if isinstance(text, str) and len(text) > MAX_PROMPT_LENGTH:
        message = f"{len(text)} characters, and at most {MAX_PROMPT_LENGTH} are allowed."
        fault = Fault("/prompt", "limit_exceeded", message)
        raise RequestError(400, "limit_exceeded", f"/prompt: {message}", faults=(fault,))
    faults = [*_unknown(raw)]
    if not isinstance(text, str) or not text.strip():
        message = "The prompt is a text that is not empty."
        faults.append(Fault("/prompt", "invalid_prompt", message))

    beside = read_document(
        _EMPTY | {name: raw[name] for name in ("options", "run") if name in raw}, limits
    )
    faults += beside.faults
    warnings += beside.warnings
    clean: dict[str, Any] = {_PROMPT: text} | {
        name: value
        for name, value in _members(beside.raw).items()
        if name in raw and name in {"options", "run"}
    }
    given = None
    if raw.get(_DOCUMENT) is not None:
        given = _read_given(raw[_DOCUMENT], limits)
        faults += given.faults
        warnings += given.warnings
        clean[_DOCUMENT] = given.raw

    if faults or beside.run is None:
        return PromptReading(None, tuple(faults), tuple(warnings), clean)
    document = _members(given.raw) if given else {}
    run = beside.run
    if "run" not in raw and given is not None and given.run is not None:
        run = given.run
        clean |= {"run": document["run"]} if "run" in document else {}
    prompt = Prompt(text, document or None, clean.get("options"), run)
    return PromptReading(prompt, (), tuple(warnings), clean)


def _unknown(raw: Mapping[str, Any]) -> tuple[Fault, ...]:
    findings = Findings()
    message = "Beside a prompt there are document, options and run."
    for name in raw:
        if name != _PROMPT and name not in _BESIDE:
            findings.fault(pointer_to((name,)), "unknown_member", message, like=(name, _BESIDE))
    return findings.faults


def _read_given(raw: object, limits: DocumentLimits) -> Reading:
    """Read the document that is to be changed; what is wrong with it is found below `/document`."""
    try:
        reading = read_document(raw, limits)
    except RequestError as error:
        faults = _below(error.faults)
        raise RequestError(error.status, error.code, error.detail, faults=faults) from None
    return replace(reading, faults=_below(reading.faults), warnings=_below(reading.warnings))


def _below(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    return tuple(replace(fault, pointer=f"/{_DOCUMENT}{fault.pointer}") for fault in faults)


def _members(raw: object) -> dict[str, Any]:
    return raw if isinstance(raw, dict) else {}
