"""Wakes whoever waits for a job: the ids of jobs that changed, over Redis, as well as it goes.

Nothing depends on it. Whoever waits looks at the database anyway, only less often while this works;
what is told here is that a look is worth it, and never what there is to see. So nobody waits for
Redis: an id that can't be told now is dropped.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from typing import Final

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.retry import Retry

Tell = Callable[[str], None]
"""Says that the job with this id has changed, after the commit; returns at once."""

_ROOM: Final = 1000
"""Ids that may wait to be told; more are dropped."""
_AT_ONCE: Final = 100
_TIMEOUT_SECONDS: Final = 0.5
_GATHER_SECONDS: Final = 0.01
"""After something was told: what changes meanwhile is told together."""
_PAUSE_SECONDS: Final = 1.0
"""After Redis was found away: what is to be told meanwhile is dropped."""

_log = logging.getLogger("backbone.wakes")


def nobody(_job_id: str) -> None:
    """Tell nobody: where there is no Redis."""


def channel_of(url: str) -> str:
    """The channel's name; channels know nothing of databases, so it names the URL's."""
    parsed = parse_url(url)  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
    return f"backbone:{parsed.get('db', 0)}:jobs.changed"


class Wakes:
    """One thread that tells of changed jobs; made after a fork, and started when it is needed."""

    def __init__(self, url: str) -> None:
        """`url` is REDIS_URL."""
        self._channel = channel_of(url)
        self._redis = Redis.from_url(
            url,
            socket_timeout=_TIMEOUT_SECONDS,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._ids: queue.Queue[str | None] = queue.Queue(_ROOM)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._away = False

    def tell(self, job_id: str) -> None:
        """Say that the job has changed. Returns at once, whatever Redis does."""
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="wakes", daemon=True)
                    self._thread.start()
        with contextlib.suppress(queue.Full):
            self._ids.put_nowait(job_id)

    def stop(self, within_seconds: float = 1) -> None:
        """Tell what is waiting to be told, if Redis is there, and end."""
        self._stopping.set()
        with contextlib.suppress(queue.Full):
            self._ids.put_nowait(None)
        if self._thread is not None:
            self._thread.join(within_seconds)

    def _run(self) -> None:
        last = False
        while not last:
            ids = [self._ids.get(), *self._waiting(_AT_ONCE - 1)]
            last = None in ids
            if self._publish({job_id for job_id in ids if job_id is not None}):
                self._stopping.wait(_GATHER_SECONDS)
            else:
                last = self._stopping.wait(_PAUSE_SECONDS)
                self._waiting(_ROOM)
        self._redis.close()

    def _waiting(self, at_most: int) -> list[str | None]:
        ids: list[str | None] = []
        with contextlib.suppress(queue.Empty):
            while len(ids) < at_most:
                ids.append(self._ids.get_nowait())
        return ids

    def _publish(self, ids: set[str]) -> bool:
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                for job_id in ids:
                    pipeline.publish(self._channel, job_id)
                pipeline.execute()
        except (RedisError, OSError) as error:
            if not self._away:
                _log.warning("wakes.lost", extra={"reason": type(error).__name__})
            self._away = True
            return False
        if self._away:
            _log.info("wakes.back")
        self._away = False
        return True
