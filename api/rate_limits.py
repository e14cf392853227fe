"""How often a caller may call: tiers, buckets, and the headers that tell how much is left."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

from limits import RateLimitItem, parse_many
from redis import RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from slowapi import Limiter
from slowapi.util import get_remote_address

from api.windows import LocalWindows, SharedWindows, Taken, Windows
from common.callers import Caller
from common.clock import Clock
from common.errors import RequestError
from common.rates import OwnRates
from common.settings import Settings

_log = logging.getLogger("backbone.limits")

_REDIS_TIMEOUT_SECONDS: Final = 0.5
_REDIS_PAUSE_SECONDS: Final = 1.0

_KEPT_RULES: Final = 1024
_USUAL: Final = OwnRates()

Header = tuple[bytes, bytes]


class Tier(StrEnum):
    """What a request counts as; it counts in exactly one."""

    PUBLIC = "public"
    AUTHENTICATED = "authenticated"
    GENERATION = "generation"
    VALIDATION = "validation"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a bucket stands after a request: what is left, in the window nearest to exhaustion."""

    allowed: bool
    limit: int
    remaining: int
    reset_at: int
    """Epoch seconds, whole: when a place becomes free in that window."""
    reset_seconds: int
    """The same from now; at least 1."""
    headers: tuple[Header, ...]

    def refusal(self) -> RequestError:
        """The 429 with the members that the first version's clients know."""
        return RequestError(
            429,
            "rate_limit_exceeded",
            f"No more than {self.limit} requests in this window; "
            f"try again in {self.reset_seconds} s.",
            headers={"Retry-After": str(self.reset_seconds)},
            extra={
                "error": "Rate limit exceeded",
                "message": "You have exceeded the rate limit. Please try again later.",
                "retry_after": self.reset_seconds,
            },
        )


@dataclass(frozen=True, slots=True)
class _TierRules:
    items: tuple[RateLimitItem, ...]
    """Shortest window first."""
    names: tuple[str, ...]
    policy: Header


class RateLimits:
    """The windows of all tiers, in Redis; in this process alone while there is no Redis."""

    def __init__(self, settings: Settings, *, redis_url: str | None, clock: Clock) -> None:
        """Raises ValueError if a rate can't be read. Does not connect yet."""
        self.enabled = settings.enable_rate_limiting
        self.rates: dict[Tier, str] = {
            Tier.PUBLIC: settings.rate_limit_public,
            Tier.AUTHENTICATED: settings.rate_limit_authenticated,
            Tier.GENERATION: settings.rate_limit_generation,
            Tier.VALIDATION: settings.rate_limit_validation,
        }
        self._clock = clock
        self._rules = {tier: _read_rules(tier, rates) for tier, rates in self.rates.items()}
        self._local = cast("LocalWindows", _limiter("local://").limiter.storage)
        self._shared: SharedWindows | None = None
        if redis_url is not None:
            self._shared = cast("SharedWindows", _limiter(f"shared+{redis_url}").limiter.storage)
        self._probing = threading.Lock()
        self._shared_again_at = 0.0
        self._shared_lost = False

    def hit(self, tier: Tier, bucket: str) -> Standing:
        """Count one request of `bucket` in `tier`. Never fails."""
        return self._standing(tier, bucket, keep=True)

    def hit_caller(self, tier: Tier, caller: Caller) -> Standing:
        """Count one request of a verified caller, at its own rate if it has one. Never fails."""
        return self._standing(tier, caller.id, caller.rates, keep=True)

    def look(self, tier: Tier, bucket: str) -> Standing:
        """Where a bucket stands, without counting anything."""
        return self._standing(tier, bucket, keep=False)

    def rates_of(self, caller: Caller) -> dict[Tier, str]:
        """The rates that hold for a caller, by tier."""
        return {tier: _own(caller.rates, tier) or usual for tier, usual in self.rates.items()}

    def _standing(
        self, tier: Tier, bucket: str, rates: OwnRates = _USUAL, *, keep: bool
    ) -> Standing:
        own = _own(rates, tier)
        rules = self._rules[tier] if own is None else _read_rules(tier, own)
        now = self._clock().timestamp()
        taken = self._take(f"{tier}:{bucket}", rules.items, now, keep=keep)
        return _standing(rules, taken, now)

    def _take(
        self, bucket: str, items: Sequence[RateLimitItem], now: float, *, keep: bool
    ) -> Taken:
        shared = self._shared
        if shared is None:
            return self._local.take(bucket, items, now, keep=keep)
        if not self._shared_lost:
            return self._take_or_lose(shared, bucket, items, now, keep=keep)
        # Redis was lost: one request a second finds out whether it is back, the others don't wait.
        if now >= self._shared_again_at and self._probing.acquire(blocking=False):
            try:
                return self._take_or_lose(shared, bucket, items, now, keep=keep)
            finally:
                self._probing.release()
        return self._local.take(bucket, items, now, keep=keep)

    def _take_or_lose(
        self,
        shared: Windows,
        bucket: str,
        items: Sequence[RateLimitItem],
        now: float,
        *,
        keep: bool,
    ) -> Taken:
        try:
            taken = shared.take(bucket, items, now, keep=keep)
        except RedisError as error:
            self._shared_again_at = now + _REDIS_PAUSE_SECONDS
            if not self._shared_lost:
                self._shared_lost = True
                _log.warning("limits.local", extra={"reason": type(error).__name__})
            return self._local.take(bucket, items, now, keep=keep)
        if self._shared_lost:
            self._shared_lost = False
            _log.warning("limits.shared")
        return taken


def _limiter(uri: str) -> Limiter:
    options: dict[str, Any] = {}
    if uri.startswith("shared+"):
        options = {
            "socket_timeout": _REDIS_TIMEOUT_SECONDS,
            "socket_connect_timeout": _REDIS_TIMEOUT_SECONDS,
            "retry": Retry(NoBackoff(), 0),  # the windows try again themselves, once
        }
    return Limiter(
        key_func=get_remote_address,  # wanted, never asked: buckets are named where they are hit
        strategy="moving-window",
        storage_uri=uri,
        storage_options=options,
        config_filename=str(Path(__file__).with_name("slowapi.env")),
    )


def _own(rates: OwnRates, tier: Tier) -> str | None:
    own: str | None = getattr(rates, tier.value, None)  # there is none of `public`
    return own


@lru_cache(maxsize=_KEPT_RULES)
def _read_rules(tier: Tier, rates: str) -> _TierRules:
    items = tuple(sorted(parse_many(rates), key=lambda item: item.get_expiry()))
    names = tuple(f'"{tier}-{item.get_expiry()}s"' for item in items)
    policy = ", ".join(
        f"{name};q={item.amount};w={item.get_expiry()}"
        for name, item in zip(names, items, strict=True)
    )
    return _TierRules(items, names, (b"ratelimit-policy", policy.encode()))


def _standing(rules: _TierRules, taken: Taken, now: float) -> Standing:
    remaining, reset, amount, name = min(
        (max(0, item.amount - count), -(oldest + item.get_expiry()), item.amount, name)
        for item, name, (count, oldest) in zip(rules.items, rules.names, taken.windows, strict=True)
    )
    # Whole seconds are rounded up: who waits that long finds a free place.
    reset_seconds = max(1, math.ceil(-reset - now))
    reset_at = math.ceil(now + reset_seconds)
    return Standing(
        taken.allowed,
        amount,
        remaining,
        reset_at,
        reset_seconds,
        (
            (b"x-ratelimit-limit", b"%d" % amount),
            (b"x-ratelimit-remaining", b"%d" % remaining),
            (b"x-ratelimit-reset", b"%d" % reset_at),
            rules.policy,
            (b"ratelimit", f"{name};r={remaining};t={reset_seconds}".encode()),
        ),
    )
