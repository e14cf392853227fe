"""Log lines: one a line, `key=value`, the event first, with the job's id where there is one.

Whatever a member or an exception says, it can neither begin a line nor look like another member:
values with anything but plain signs are quoted and escaped, and lines of a traceback begin with
`  | `, as no other line does. Secrets of the settings are covered, should one ever get that far.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from types import TracebackType
from typing import Final

from common.log_floods import FloodLimit
from common.secrets_in_text import Redactor

_KNOWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_CONTINUED: Final = "  | "
_LONGEST: Final = 4000
"""Characters of one member; what is longer is cut."""


class KeyValueFormatter(logging.Formatter):
    """`2026-11-23T17:33:28Z INFO backbone.jobs event=job.claimed job_id=job_… attempt=1`."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"
    converter = staticmethod(time.gmtime)

    def __init__(self, redactor: Redactor | None = None) -> None:
        super().__init__()
        self._redact = redactor or Redactor()

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback, where there is one, follows on lines that are marked."""
        members = {"event": record.getMessage()} | {
            name: value for name, value in vars(record).items() if name not in _KNOWN
        }
        words = " ".join(f"{name}={self._spell(value)}" for name, value in members.items())
        lines = [f"{self.formatTime(record)} {record.levelname} {record.name} {words}"]
        if record.exc_info:
            text = self._redact(self.formatException(record.exc_info))
            lines += (_CONTINUED + escape(line) for line in text.split("\n"))
        return "\n".join(lines)

    def _spell(self, value: object) -> str:
        text = self._redact(str(value))
        if len(text) > _LONGEST:
            text = f"{text[:_LONGEST]}…"
        plain = text and text.isprintable() and not any(sign in '"= ' for sign in text)
        return text if plain else escape(json.dumps(text, ensure_ascii=False))


def set_up_logging(level: str, redactor: Redactor | None = None) -> None:
    """Send the platform's log lines to stderr; other libraries' from WARNING on.

    What ends the process or one of its threads is logged like all else.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(KeyValueFormatter(redactor))
    handler.addFilter(FloodLimit())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("backbone").setLevel(level)
    logging.getLogger("backbone.security").setLevel(logging.INFO)  # whatever else is left out
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_crash
    threading.excepthook = _log_thread_crash


def escape(text: str) -> str:
    r"""`text` with `\uXXXX` for every sign that is not printed as itself.

    Those are control characters, all that separates lines, what turns the direction of writing
    round, and halves of surrogate pairs.
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else json.dumps(sign).strip('"') for sign in text)


def _log_crash(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("backbone").critical("process.crashed", exc_info=(kind, error, trace))


def _log_thread_crash(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is None:
        return
    logging.getLogger("backbone").error(
        "thread.crashed", exc_info=(crash.exc_type, crash.exc_value, crash.exc_traceback)
    )
