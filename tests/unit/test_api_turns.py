"""Places that are taken in turns: nobody two at a time, and nobody twice before another once."""

import asyncio

import pytest

from api.turns import Turns
from common.errors import TransientError


class Line:
    """People before some places; `order` is how they came to theirs."""

    def __init__(self, places: int, patience_seconds: float | None = None) -> None:
        self.turns = Turns(places, patience_seconds=patience_seconds)
        self.order: list[str] = []
        self.inside: list[str] = []
        self._leave: dict[str, asyncio.Event] = {}

    async def join(self, name: str) -> asyncio.Task[None]:
        """`a1` and `a2` are both `a`'s."""
        self._leave[name] = asyncio.Event()
        task = asyncio.create_task(self._wait(name))
        await settled()
        return task

    async def leave(self, name: str) -> None:
        self._leave[name].set()
        await settled()

    async def _wait(self, name: str) -> None:
        async with self.turns.turn(name[0]):
            self.order.append(name)
            self.inside.append(name)
            try:
                await self._leave[name].wait()
            finally:
                self.inside.remove(name)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_nobody_has_two_places() -> None:
    two = Line(2)
    for name in ("a1", "a2", "b1"):
        await two.join(name)
    assert two.inside == ["a1", "b1"]
    await two.leave("a1")
    assert two.inside == ["b1", "a2"]


async def test_who_sends_one_waits_for_one_of_who_sends_many() -> None:
    one = Line(1)
    for name in ("a1", "a2", "a3", "b1", "a4", "c1"):
        await one.join(name)
    for name in ("a1", "b1", "c1", "a2", "a3", "a4"):
        assert one.inside == [name]
        await one.leave(name)
    assert one.inside == []


async def test_who_had_a_turn_stands_behind_who_came_meanwhile() -> None:
    two = Line(2)
    for name in ("a1", "b1", "a2", "b2", "c1"):
        await two.join(name)
    await two.leave("a1")
    assert two.inside == ["b1", "c1"]
    await two.leave("b1")
    assert two.inside == ["c1", "a2"]


async def test_who_waits_too_long_is_told_so_and_leaves_no_gap() -> None:
    impatient = Line(1, 0.01)
    for name in ("a1", "b1"):
        task = await impatient.join(name)
    with pytest.raises(TransientError) as raised:
        await task
    assert raised.value.code == "overloaded"
    assert raised.value.retry_after_seconds > 0
    assert impatient.inside == ["a1"]
    await impatient.leave("a1")
    await impatient.join("c1")
    assert impatient.order == ["a1", "c1"]


async def test_who_leaves_while_waiting_is_passed_over() -> None:
    one = Line(1)
    await one.join("a1")
    gone = await one.join("b1")
    await one.join("c1")
    gone.cancel()  # has not heard of it yet when the place becomes free
    await one.leave("a1")
    assert one.inside == ["c1"]


async def test_a_place_is_not_lost_with_who_leaves_as_it_is_given() -> None:
    one = Line(1)
    async with one.turns.turn("a"):
        gone = await one.join("b1")
    gone.cancel()  # it was given the place a moment ago, and has not heard so yet
    await one.join("c1")
    assert one.order == ["c1"]


async def test_what_goes_wrong_gives_its_place_back() -> None:
    turns = Turns(1)
    with pytest.raises(ZeroDivisionError):
        async with turns.turn("a"):
            raise ZeroDivisionError
    async with turns.turn("b"):
        pass
