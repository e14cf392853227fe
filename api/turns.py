"""A few places for work that takes a while, taken in turns by whoever sends it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from common.errors import TransientError

_COME_AGAIN_SECONDS = 5.0


class Turns:
    """Places of which nobody has two at a time, so that who sends much waits for themselves.

    A free place goes to whoever has gone without for longest. Belongs to one event loop.
    """

    def __init__(self, places: int, *, patience_seconds: float | None = None) -> None:
        """Whoever has waited for `patience_seconds` is told to come again."""
        self._free = places
        self._patience = patience_seconds
        self._holding: set[str] = set()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        """By sharer, in the order in which it is their turn"""

    @asynccontextmanager
    async def turn(self, sharer: str) -> AsyncIterator[None]:
        """To be held while the work is done; TransientError for who has waited too long."""
        await self._take(sharer)
        try:
            yield
        finally:
            self._give_back(sharer)

    async def _take(self, sharer: str) -> None:
        place = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(sharer, deque()).append(place)
        self._give_out()
        try:
            async with asyncio.timeout(self._patience):
                await place
        except BaseException as error:
            if place.cancelled():
                self._forget(sharer, place)
            else:  # it was given at that very moment
                self._give_back(sharer)
            if isinstance(error, TimeoutError):
                raise _overloaded() from None
            raise

    def _give_back(self, sharer: str) -> None:
        self._holding.remove(sharer)
        self._free += 1
        if sharer in self._waiting:  # behind all who came meanwhile
            self._waiting[sharer] = self._waiting.pop(sharer)
        self._give_out()

    def _give_out(self) -> None:
        for sharer in list(self._waiting):
            # Who is about to leave stands here until it has heard so.
            place = next((each for each in self._waiting[sharer] if not each.done()), None)
            if place is None or sharer in self._holding or not self._free:
                continue
            self._free -= 1
            self._holding.add(sharer)
            self._forget(sharer, place)
            place.set_result(None)

    def _forget(self, sharer: str, place: asyncio.Future[None]) -> None:
        waiting = self._waiting[sharer]
        waiting.remove(place)
        if not waiting:
            del self._waiting[sharer]


def _overloaded() -> TransientError:
    return TransientError(
        "overloaded",
        "Large bodies are read in turns, and too many were before this one. Nothing came of it.",
        retry_after_seconds=_COME_AGAIN_SECONDS,
    )
