"""Refusals that whoever watches over the platform wants to hear of, and what is told of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from api.exchange import Exchange
from common.errors import Fault, RequestError
from common.security_events import SecurityEvent, SecurityLog

_SUSPICIOUS: Final = "suspicious_pattern"
_EVENTS: Final = {
    "insufficient_scope": SecurityEvent.SCOPE_REFUSED,
    "api_key_required": SecurityEvent.SCOPE_REFUSED,
    "rate_limit_exceeded": SecurityEvent.LIMIT_HIT,
    "batch_lines_exceeded": SecurityEvent.LIMIT_HIT,
    "credential_in_query": SecurityEvent.CREDENTIAL_IN_QUERY,
    "too_large": SecurityEvent.REQUEST_TOO_LARGE,
    _SUSPICIOUS: SecurityEvent.PATTERN_REFUSED,
}
_PLAIN_STEP: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_MOST_STEPS: Final = 12


def who(exchange: Exchange) -> dict[str, str]:
    """Which request it is, from where, of whom and with which key, as far as that is known."""
    members = {"request_id": exchange.request_id, "address": exchange.address}
    if exchange.identity is not None:
        members["caller_id"] = exchange.identity.caller.id
        if exchange.identity.key_id is not None:
            members["key_id"] = exchange.identity.key_id
    return members


def note_refusal(security: SecurityLog, exchange: Exchange, error: RequestError) -> None:
    """Note what a refusal is a sign of, if it is one. What was sent is not repeated."""
    event = _EVENTS.get(error.code)
    if event is None:
        return
    members = who(exchange)
    if event is SecurityEvent.PATTERN_REFUSED and error.faults:
        members["pointer"] = plain_pointer(error.faults[0].pointer)
    security.note(event, **members)


def note_refused_line(
    security: SecurityLog, exchange: Exchange, line: int, faults: Sequence[Fault]
) -> None:
    """The same for a line of a batch, which refuses no request."""
    for fault in faults:
        if fault.code == _SUSPICIOUS:
            pointer = plain_pointer(fault.pointer)
            security.note(
                SecurityEvent.PATTERN_REFUSED, **who(exchange), line=line, pointer=pointer
            )
            return


def plain_pointer(pointer: str) -> str:
    """`pointer` with `*` for names that nobody but its sender may have thought of."""
    steps = pointer.split("/")
    plain = [step if not step or _PLAIN_STEP.fullmatch(step) else "*" for step in steps]
    return "/".join(plain[:_MOST_STEPS]) + ("/…" if len(plain) > _MOST_STEPS else "")
