"""Tells whoever waits for a job that it has changed, so that nobody has to look all the time.

Redis carries the news and nothing else: without it a waiter still looks once a second. Each
process subscribes once, however many wait in it, and a waiting request holds no thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import redis
import redis.asyncio
from redis.exceptions import RedisError

from common.clock import monotonic

CHANNEL: Final = "backbone:jobs"
_SILENCE_SECONDS: Final = 1.0
_RECONNECT_SECONDS: Final = 1.0

log = logging.getLogger("backbone.wakeups")


class Announcer:
    """Says which job has changed; best effort, and quick also when Redis is not there."""

    def __init__(self, redis_url: str) -> None:
        self._redis = redis.Redis.from_url(
            redis_url, socket_timeout=0.25, socket_connect_timeout=0.25
        )
        self._silent_until = 0.0

    def __call__(self, job_id: str) -> None:
        """Tell all processes; after a failure nothing is tried for a second."""
        if monotonic() < self._silent_until:
            return
        try:
            self._redis.publish(CHANNEL, job_id)
        except RedisError as error:
            self._silent_until = monotonic() + _SILENCE_SECONDS
            log.debug("wakeup.failed", extra={"reason": type(error).__name__})

    def close(self) -> None:
        """Let go of the connections."""
        self._redis.close()


class Wakeups:
    """The waiting side, inside one event loop; `run` is to be kept as a task of it."""

    def __init__(self, redis_url: str) -> None:
        self._url = redis_url
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    @contextlib.contextmanager
    def watch(self, job_id: str) -> Iterator[asyncio.Event]:
        """An event that is set with the next change of the job.

        Begin to watch before you look at the job, or a change in between goes unnoticed; and wait
        for a second at most before you look again, since news may get lost.
        """
        event = asyncio.Event()
        self._waiting[job_id].add(event)
        try:
            yield event
        finally:
            self._waiting[job_id].discard(event)
            if not self._waiting[job_id]:
                del self._waiting[job_id]

    async def run(self) -> None:
        """Listen until cancelled; connects again and again where Redis is away."""
        while True:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                log.debug("wakeup.lost", extra={"reason": type(error).__name__})
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _listen(self) -> None:
        client = redis.asyncio.Redis.from_url(
            self._url, socket_timeout=None, socket_connect_timeout=2
        )
        async with client, client.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(CHANNEL)
            async for message in subscription.listen():
                for event in self._waiting.get(message["data"].decode(), ()):
                    event.set()
