"""How a place in a document is shown to people."""

from __future__ import annotations


def place(pointer: str) -> str:
    """A JSON pointer as a line of a terminal: the names in it may hold anything."""
    if pointer.isprintable():
        return pointer or "(document)"
    from common.telemetry import escape

    return escape(pointer)
