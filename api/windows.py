"""Moving windows for slowapi's limiter: all windows of a bucket are tried in one step.

The storages that come with `limits` try one window at a time and need another round trip to say
what is left. Here one script (or one lock) tries all of them, takes a place in each only if there
is one in all, and answers with what is left. slowapi finds both storages by their schemes.
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha1
from typing import Any, ClassVar, Final, Protocol

import redis
from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage
from redis.connection import AbstractConnection

_MICRO: Final = 1_000_000
_SWEEP_ABOVE_BUCKETS: Final = 10_000
_SWEEP_EVERY_SECONDS: Final = 1
"""A sweep looks at every bucket while all requests wait, so not each of them pays for one."""

_TAKE: Final = """
local now = tonumber(ARGV[1])
local member = ARGV[2]
local allowed = 1
local answer = {0}
for i, key in ipairs(KEYS) do
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - tonumber(ARGV[2 * i + 2]))
    local count = redis.call('ZCARD', key)
    answer[2 * i] = count
    if count >= tonumber(ARGV[2 * i + 1]) then allowed = 0 end
end
answer[1] = allowed
for i, key in ipairs(KEYS) do
    if allowed == 1 and member ~= '' then
        redis.call('ZADD', key, now, member)
        redis.call('PEXPIRE', key, math.ceil(tonumber(ARGV[2 * i + 2]) / 1000))
        answer[2 * i] = answer[2 * i] + 1
    end
    local oldest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    answer[2 * i + 1] = tonumber(oldest[2] or now)
end
return answer
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether there was a place, and for each window (requests in it, seconds of the oldest)."""

    allowed: bool
    windows: tuple[tuple[int, float], ...]


class Windows(Protocol):
    """What both storages do."""

    def take(self, bucket: str, items: Sequence[RateLimitItem], now: float, *, keep: bool) -> Taken:
        """Try all windows of `bucket` at `now` (epoch seconds); with `keep` unset, only look."""


class SharedWindows(RedisStorage):
    """Windows that all processes share, in Redis: one sorted set a window, one script a request."""

    STORAGE_SCHEME: ClassVar[list[str]] = [  # type: ignore[misc]  # limits declares it as mutable
        "shared+redis",
        "shared+rediss",
        "shared+redis+unix",
        "shared+unix",
    ]

    def __init__(self, uri: str, **options: Any) -> None:  # noqa: ANN401  # limits passes them on
        super().__init__(uri.removeprefix("shared+"), **options)
        self._pool = self.storage.connection_pool
        self._idle: list[AbstractConnection] = []
        self._sha = sha1(_TAKE.encode(), usedforsecurity=False).hexdigest()

    def take(self, bucket: str, items: Sequence[RateLimitItem], now: float, *, keep: bool) -> Taken:
        """One round trip; raises redis.RedisError when there is no Redis."""
        arguments: list[str | int] = [int(now * _MICRO), secrets.token_hex(8) if keep else ""]
        for item in items:
            arguments += [item.amount, item.get_expiry() * _MICRO]
        keys = [f"backbone:limit:{bucket}:{item.get_expiry()}" for item in items]
        answer = self._evaluate(len(keys), *keys, *arguments)
        return Taken(
            bool(answer[0]),
            tuple((answer[2 * i + 1], answer[2 * i + 2] / _MICRO) for i in range(len(items))),
        )

    def _evaluate(self, *arguments: str | int) -> list[int]:
        try:
            return self._ask(arguments)
        except redis.ConnectionError:
            self._idle.clear()  # these were all made before it went away
            return self._ask(arguments)

    def _ask(self, arguments: tuple[str | int, ...]) -> list[int]:
        # By hand, because this stands before every request: the client's own way takes three times
        # as long, most of it for pools, retries and events that nobody listens to.
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._pool.make_connection()
        try:
            try:
                connection.send_command("EVALSHA", self._sha, *arguments)  # type: ignore[no-untyped-call]  # redis-py
                answer: list[int] = connection.read_response()
            except redis.exceptions.NoScriptError:
                connection.send_command("EVAL", _TAKE, *arguments)  # type: ignore[no-untyped-call]  # as above
                answer = connection.read_response()
        except BaseException:
            connection.disconnect()  # type: ignore[no-untyped-call]  # as above
            raise
        self._idle.append(connection)
        return answer


class LocalWindows(MemoryStorage):
    """Windows of this process alone, for when there is no Redis."""

    STORAGE_SCHEME: ClassVar[list[str]] = ["local"]  # type: ignore[misc]  # as above

    def __init__(self, uri: str | None = None, **options: Any) -> None:  # noqa: ANN401  # as above
        super().__init__(uri, **options)
        self._lock = threading.Lock()
        self._hits: dict[tuple[str, int], deque[float]] = {}
        self._swept_at = 0.0

    def take(self, bucket: str, items: Sequence[RateLimitItem], now: float, *, keep: bool) -> Taken:
        """One lock; never fails."""
        with self._lock:
            if (
                len(self._hits) > _SWEEP_ABOVE_BUCKETS
                and abs(now - self._swept_at) >= _SWEEP_EVERY_SECONDS
            ):
                self._sweep(now)
            windows = [self._window(bucket, item, now) for item in items]
            allowed = all(
                len(hits) < item.amount for hits, item in zip(windows, items, strict=True)
            )
            if allowed and keep:
                for hits in windows:
                    hits.append(now)
            return Taken(allowed, tuple((len(hits), hits[0] if hits else now) for hits in windows))

    def _window(self, bucket: str, item: RateLimitItem, now: float) -> deque[float]:
        hits = self._hits.setdefault((bucket, item.get_expiry()), deque())
        while hits and hits[0] <= now - item.get_expiry():
            hits.popleft()
        return hits

    def _sweep(self, now: float) -> None:
        self._swept_at = now
        for key in [
            key for key, hits in self._hits.items() if not hits or hits[-1] <= now - key[1]
        ]:
            del self._hits[key]
