"""What commands do to keys, in `DATA_DIR/logs/backbone.log` beside what the processes log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from backbone.log_files import LogFiles
from common.telemetry import KeyValueFormatter

_NAME = "backbone"


class _SecurityLogHandler(logging.Handler):
    """Appends to the log file, which is made with the first line; a full disk stops no command."""

    def __init__(self, folder: Path) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(KeyValueFormatter())
        self._folder = folder
        self._files = LogFiles(folder)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._folder.mkdir(exist_ok=True)
            self._files.write(_NAME, self.format(record))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            click.echo(f"Can't write {self._folder / _NAME}.log: {reason}.", err=True)
            click.echo(self.format(record), err=True)

    def close(self) -> None:
        self._files.close()
        super().close()


@contextmanager
def log_security_events(data_dir: Path) -> Iterator[None]:
    """Write the security events of this process to `data_dir`'s logs meanwhile."""
    log, handler = logging.getLogger("backbone.security"), _SecurityLogHandler(data_dir / "logs")
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        handler.close()
