"""One run of the local stack: up, watched, and down again, whatever happens in between."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Callable
from typing import Final

from backbone.data_folder import DataFolder, write_private
from backbone.log_files import LogFiles
from backbone.ports import answers
from backbone.stack import STOP_ORDER, Stack
from backbone.supervisor import Supervisor
from common import clock
from common.errors import BackboneError

_READY_WITHIN_SECONDS: Final = 60.0
_TURN_SECONDS: Final = 0.1


class StackError(BackboneError):
    """The stack did not come up."""


class StackRun:
    """Starts and watches the programs of `stack`. `stop` has to be called in the end."""

    def __init__(
        self, stack: Stack, folder: DataFolder, *, on_line: Callable[[str, str], None]
    ) -> None:
        """`on_line(name, line)` gets each line of each program, until it is stopped."""
        self._stack = stack
        self._folder = folder
        self._logs = LogFiles(folder.logs)
        self._show: Callable[[str, str], None] | None = on_line
        self._supervisor = Supervisor(self._hear)

    def start(self, stopping: Callable[[], bool]) -> bool:
        """Start everything and wait until it answers; False if `stopping()` said so before.

        Raises StackError or ProgramGivenUpError when it does not come up.
        """
        programs = list(self._stack.programs)
        if self._stack.valkey_port is not None:
            self._supervisor.start(programs.pop(0))
        self._migrate()
        if self._stack.valkey_port is not None:
            port = self._stack.valkey_port
            self._until(lambda: answers("127.0.0.1", port), stopping, "the bundled Valkey")
        for program in programs:
            self._supervisor.start(program)
        if not self._until(self._api_ready, stopping, "the API"):
            return False
        flower_port = self._stack.settings.flower_port
        if not self._until(lambda: answers("127.0.0.1", flower_port), stopping, "Flower"):
            return False
        place = {
            "api_url": self._stack.api_url,
            "flower_url": self._stack.flower_url,
            "process_id": os.getpid(),
        }
        write_private(self._folder.running_file, json.dumps(place) + "\n")
        return True

    def watch(self, stopping: Callable[[], bool]) -> None:
        """Keep everything running until `stopping()`; ProgramGivenUpError if that can't be done."""
        while not stopping():
            self._supervisor.turn(_TURN_SECONDS)

    def stop(self) -> None:
        """Stop everything: first what accepts work, last what carries it.

        What programs say from now on is in their logs alone: Celery for one, stopped while it
        starts, complains of that with a traceback.
        """
        self._show = None
        self._folder.running_file.unlink(missing_ok=True)
        self._stack.api_socket.close()
        self._supervisor.stop(*STOP_ORDER)
        self._logs.close()

    def _migrate(self) -> None:
        from sqlalchemy.exc import SQLAlchemyError

        from common.db.engine import make_engine
        from common.db.migrate import migrate

        try:
            engine = make_engine(self._stack.settings.effective_database_url)
            try:
                migrate(engine)
            finally:
                engine.dispose()
        except (SQLAlchemyError, BackboneError, ValueError) as error:
            cause = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise StackError(f"The database can't be used (DATABASE_URL): {cause}") from None

    def _until(
        self, condition: Callable[[], bool], stopping: Callable[[], bool], what: str
    ) -> bool:
        deadline = clock.monotonic() + _READY_WITHIN_SECONDS
        while not stopping():
            self._supervisor.turn(_TURN_SECONDS / 2)
            if condition():
                return True
            if clock.monotonic() > deadline:
                raise StackError(
                    f"{what} did not answer within {_READY_WITHIN_SECONDS:g} s; "
                    f"see {self._folder.logs}"
                )
        return False

    def _api_ready(self) -> bool:
        settings = self._stack.settings
        host = self._stack.api_url.removeprefix("http://").rpartition(":")[0].strip("[]")
        connection = http.client.HTTPConnection(host, settings.api_port, timeout=1)
        try:
            connection.request("GET", "/health/readiness")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _hear(self, name: str, line: str) -> None:
        self._logs.write(name, line)
        if self._show is not None:
            self._show(name, line)
