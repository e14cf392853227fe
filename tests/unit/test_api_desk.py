"""The desk: every caller gets their own outcome, nobody waits for a thread of the pool."""

import asyncio
import threading

import pytest

from api.desk import Desk


@pytest.fixture
async def desk():
    desk = Desk()
    yield desk
    desk.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("desk-")]


async def test_everybody_gets_their_own_outcome(desk) -> None:
    def square(number):
        if number % 7 == 0:
            raise ValueError(number)
        return number * number

    calls = [desk.call(lambda number=number: square(number)) for number in range(200)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    for number, outcome in enumerate(outcomes):
        if number % 7 == 0:
            assert isinstance(outcome, ValueError)
            assert outcome.args == (number,)
        else:
            assert outcome == number * number


async def test_it_does_not_hold_the_loop(desk) -> None:
    released = threading.Event()
    waiting = asyncio.create_task(desk.call(lambda: released.wait(120)))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    released.set()
    assert await waiting is True


async def test_who_left_is_not_missed(desk) -> None:
    released = threading.Event()
    left = asyncio.create_task(desk.call(lambda: released.wait(120)))
    await asyncio.sleep(0.05)
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    released.set()
    assert await desk.call(lambda: "served") == "served"


async def test_a_slow_call_does_not_stop_the_others(desk) -> None:
    released = threading.Event()
    slow = asyncio.create_task(desk.call(lambda: released.wait(120)))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(60):
        assert await asyncio.gather(*(desk.call(lambda: 1) for _ in range(50))) == [1] * 50
    released.set()
    assert await slow is True
