"""Hears of changed jobs over Redis, as long as somebody in this process waits for one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any, Final

from redis import RedisError
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from common.clock import monotonic
from common.jobs.wakes import channel_of

_CONNECT_SECONDS: Final = 1.0
_PING_SECONDS: Final = 5.0
_FIRST_PAUSE_SECONDS: Final = 0.2
_LONGEST_PAUSE_SECONDS: Final = 5.0

_log = logging.getLogger("backbone.wakes")


class WakeEar:
    """One subscription, opened and closed by one event loop, and opened again when it breaks."""

    def __init__(self, url: str) -> None:
        """`url` is REDIS_URL."""
        self._url = url
        self._channel = channel_of(url)
        self._task: asyncio.Task[None] | None = None
        self._heard_at = 0.0
        self.hears = False
        """Whether it would hear of a change that is told of now, as far as is known."""

    def open(self, hear: Callable[[str], None], turned: Callable[[], None]) -> None:
        """Begin to listen. `hear` gets the ids; `turned` is called when `hears` has changed."""
        self._task = asyncio.get_running_loop().create_task(self._listen(hear, turned))

    async def close(self) -> None:
        """End the subscription."""
        if self._task is not None:
            await _end(self._task)
            self._task = None

    async def _listen(self, hear: Callable[[str], None], turned: Callable[[], None]) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._subscribe(hear, turned)
            except (RedisError, OSError) as error:
                reason = type(error).__name__
            else:
                reason = "silence"
            finally:
                heard, self.hears = self.hears, False
            if heard:
                pause = _FIRST_PAUSE_SECONDS
                _log.warning("wakes.unheard", extra={"reason": reason})
                turned()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _subscribe(self, hear: Callable[[str], None], turned: Callable[[], None]) -> None:
        """Listen until the server is silent; RedisError or OSError when the connection breaks."""
        # No time-out on reading: nothing may happen for long. Whether the server is still there is
        # found out by asking it. No retries within: while it tries, nothing is heard.
        redis = Redis.from_url(
            self._url,
            socket_connect_timeout=_CONNECT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,
        )
        async with redis, redis.pubsub() as subscription:
            await asyncio.wait_for(subscription.subscribe(self._channel), 2 * _CONNECT_SECONDS)
            self._heard_at = monotonic()
            reading = asyncio.ensure_future(self._read(subscription, hear, turned))
            asking = asyncio.ensure_future(self._ask(subscription))
            try:
                await asyncio.wait({reading, asking}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await _end(asking)
                await _end(reading)
            for task in (reading, asking):
                if not task.cancelled() and (error := task.exception()) is not None:
                    raise error

    async def _read(
        self, subscription: PubSub, hear: Callable[[str], None], turned: Callable[[], None]
    ) -> None:
        async for message in subscription.listen():
            self._heard_at = monotonic()
            if message["type"] == "message":
                hear(_text(message["data"]))
            elif message["type"] == "subscribe":
                self.hears = True
                turned()

    async def _ask(self, subscription: PubSub) -> None:
        while monotonic() - self._heard_at < 2 * _PING_SECONDS:
            await subscription.ping()  # its answer is read like everything else
            await asyncio.sleep(_PING_SECONDS)


def _text(data: Any) -> str:  # noqa: ANN401 - whatever somebody published
    return data.decode("ascii", "replace") if isinstance(data, bytes) else str(data)


async def _end(task: asyncio.Future[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, RedisError, OSError):
        await task
