"""Log lines: one a line, `key=value`, the event first, with the job's id where there is one."""

from __future__ import annotations

import json
import logging
import time
from typing import Final

_KNOWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class KeyValueFormatter(logging.Formatter):
    """`2026-11-23T17:33:28Z INFO backbone.jobs event=job.claimed job_id=job_… attempt=1`."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"
    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback, where there is one, follows on lines of its own."""
        members = {"event": record.getMessage()} | {
            name: value for name, value in vars(record).items() if name not in _KNOWN
        }
        words = " ".join(f"{name}={_spell(value)}" for name, value in members.items())
        line = f"{self.formatTime(record)} {record.levelname} {record.name} {words}"
        if record.exc_info:
            line = f"{line}\n{self.formatException(record.exc_info)}"
        return line


def set_up_logging(level: str) -> None:
    """Send the platform's log lines to stderr; other libraries' from WARNING on."""
    handler = logging.StreamHandler()
    handler.setFormatter(KeyValueFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("backbone").setLevel(level)


def _spell(value: object) -> str:
    text = str(value)
    plain = text and not any(sign.isspace() or sign in '"=' for sign in text)
    return text if plain else json.dumps(text, ensure_ascii=False)
