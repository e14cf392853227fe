"""A Valkey that a test can stop, hang and start again."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

from redis import Redis

from backbone.bundled_valkey import valkey_program, valkey_url
from backbone.ports import answers, choose

_PASSWORD = "a-password-that-only-tests-know"


class OwnValkey:
    """A server on one port, however often it is started."""

    def __init__(self, folder: Path) -> None:
        self.port = choose("127.0.0.1", 0, setting="a test")
        self.url = valkey_url(self.port, _PASSWORD)
        self._command = valkey_program(folder, self.port, _PASSWORD).command

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        while not answers("127.0.0.1", self.port):
            assert self._process.poll() is None
            time.sleep(0.02)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def flush(self) -> None:
        with Redis.from_url(self.url) as connection:
            connection.flushall()

    def subscribers(self, channel: str) -> int:
        """How many connections listen to a channel."""
        with Redis.from_url(self.url) as connection:
            [(_, count)] = connection.pubsub_numsub(channel)
            return int(count)
