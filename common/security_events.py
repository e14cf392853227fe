"""What whoever watches over the platform wants to hear of: one log line each, and a count.

The API counts what it sees by itself (`SecurityLog`); what the command line and the workers see is
counted in the database, because nobody scrapes them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, Engine, select, text

from common.db.engine import reading
from common.db.tables import security_counters
from common.errors import TransientError

_log = logging.getLogger("backbone.security")

_ADD: Final = text(
    "INSERT INTO security_counters (event, value) VALUES (:event, 1)"
    " ON CONFLICT (event) DO UPDATE SET value = security_counters.value + 1"
)


class SecurityEvent(StrEnum):
    """The events; their names are those of the log lines and of the metric's label."""

    LOGIN_FAILED = "login.failed"
    """A credential that is not good."""
    SCOPE_REFUSED = "scope.refused"
    LIMIT_HIT = "limit.hit"
    CONNECTION_REFUSED = "connection.refused"
    PATTERN_REFUSED = "pattern.refused"
    """A suspicious pattern in a document."""
    REQUEST_TOO_LARGE = "request.too_large"
    REQUEST_TOO_SLOW = "request.too_slow"
    ADDRESS_REFUSED = "address.refused"
    HOST_REFUSED = "host.refused"
    ORIGIN_REFUSED = "origin.refused"
    CREDENTIAL_IN_QUERY = "credential.in_query"
    KEY_MADE = "key.made"
    KEY_ROTATED = "key.rotated"
    KEY_REVOKED = "key.revoked"
    KEY_OLD = "key.old"
    """A key that is used though it should have been rotated by now."""
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - the name of an event
    SANDBOX_VIOLATION = "sandbox.violation"
    """Generated code tried what the sandbox does not allow."""


class SecurityLog:
    """Tells of events that this process sees; safe to share between threads."""

    def __init__(self, count: Callable[[SecurityEvent], None]) -> None:
        self._count = count

    def note(self, event: SecurityEvent, **members: object) -> None:
        """Write the line and count it. `members` hold no secret, and nothing long that was sent."""
        _log.warning(event.value, extra=members)
        self._count(event)


def record(connection: Connection, event: SecurityEvent, **members: object) -> None:
    """Write the line and count it in the database, in this transaction."""
    _log.warning(event.value, extra=members)
    connection.execute(_ADD, {"event": event.value})


def read_counts(engine: Engine) -> dict[str, int] | None:
    """How often each event was recorded; None while the database does not answer."""
    statement = select(security_counters.c.event, security_counters.c.value)
    try:
        with reading(engine).connect() as connection:
            return {row.event: row.value for row in connection.execute(statement)}
    except TransientError:
        return None
