"""Reads the FILE of a command (a path, or `-` for standard input), and writes documents."""

from __future__ import annotations

import sys
from pathlib import Path

from common.errors import BackboneError, RequestError


class FileUnreadableError(BackboneError):
    """The file can't be read; the message says why."""


def read_file(name: str) -> bytes:
    """The bytes of the file `name`, or of standard input for `-`."""
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileUnreadableError(f"Can't read {name}: {reason}") from None


def read_json(body: bytes) -> object:
    """What is in `body`, which has to be a document. RequestError.

    A prompt would be refused for each part of a document that it lacks; so it is told apart here.
    """
    from common.document.prompt import is_prompt
    from common.document.strict_json import parse_json

    raw = parse_json(body)
    if is_prompt(raw):
        told = "This is a prompt and no document: `backbone design` makes one of it."
        raise RequestError(422, "prompt_given", told)
    return raw


def write_document(output: Path, text: str) -> None:
    """Write a document to a file, over what is there; BackboneError says why it can't be."""
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BackboneError(f"Can't write {output}: {reason}") from None
