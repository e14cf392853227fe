"""The harm that is done, each kind a function of the rig; seeded, bounded, and put right again."""

from __future__ import annotations

import contextlib
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from common import clock
from common.db.tables import jobs
from tests.chaos.processes import signal_all
from tests.chaos.rig import LEASE_SECONDS, Embedded, Rig

_WAIT_SECONDS = 6
"""For the moment that a kind of harm needs; without it the nearest other moment has to do"""

_STOPS_WITHIN_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Harm:
    """One that was done."""

    kind: str
    began_at: datetime
    ended_at: datetime
    workers: frozenset[int]
    """The processes that it hit, of those that run jobs; none where it hit something all share"""


Hit = set[int] | None
Do = Callable[[Rig, random.Random], Hit]
"""Does it, and returns once it is over; the processes of the pool that were hit, if it was those"""


def _until_there(find: Callable[[], list[int]]) -> list[int]:
    deadline = clock.monotonic() + _WAIT_SECONDS
    while not (found := find()) and clock.monotonic() < deadline:
        time.sleep(0.02)
    return found


def _kill(word: str) -> Do:
    def do(rig: Rig, _draw: random.Random) -> Hit:
        found = _until_there(lambda: rig.processes.program(word))
        signal_all(found, signal.SIGKILL)
        return None

    return do


def _kill_worker(rig: Rig, _draw: random.Random) -> Hit:
    _until_there(lambda: _busy(rig, None))
    processes = rig.processes
    signal_all(processes.program("worker"), signal.SIGKILL)
    return set(processes.pool)


def _kill_one_of_the_pool(rig: Rig, draw: random.Random) -> Hit:
    busy = _until_there(lambda: _busy(rig, None)) or _until_there(lambda: rig.processes.pool)
    hit = draw.sample(busy, min(1, len(busy)))
    signal_all(hit, signal.SIGKILL)
    return set(hit)


def _kill_in(*stages: str) -> Do:
    def do(rig: Rig, draw: random.Random) -> Hit:
        busy = _until_there(lambda: _busy(rig, stages))
        if not busy:
            return _kill_one_of_the_pool(rig, draw)
        signal_all(busy[:1], signal.SIGKILL)
        return set(busy[:1])

    return do


def _busy(rig: Rig, stages: tuple[str, ...] | None) -> list[int]:
    """The processes that run a job now, as the database says."""
    statement = select(jobs.c.worker).where(jobs.c.lease_expires_at.is_not(None))
    if stages is not None:
        statement = statement.where(jobs.c.stage.in_(stages))
    alive = set(rig.processes.pool)
    found = [int(row.worker.rpartition(":")[2]) for row in rig.rows(statement)]
    return [each for each in found if each in alive]


def _stop_worker(rig: Rig, _draw: random.Random) -> Hit:
    """As a deployment does it, with jobs running: it gives them back, and ends by itself."""
    _until_there(lambda: _busy(rig, None))
    processes = rig.processes
    told, hit = processes.program("worker"), set(processes.pool)
    signal_all(told, signal.SIGTERM)
    deadline = clock.monotonic() + _STOPS_WITHIN_SECONDS
    while set(told) & set(rig.processes.program("worker")):
        assert clock.monotonic() < deadline, "a worker that was told to stop went on"
        time.sleep(0.1)
    return hit


def _stop_one_of_the_pool(rig: Rig, draw: random.Random) -> Hit:
    busy = _until_there(lambda: _busy(rig, None)) or _until_there(lambda: rig.processes.pool)
    hit = draw.sample(busy, min(1, len(busy)))
    signal_all(hit, signal.SIGQUIT)  # as its pool tells it
    return set(hit)


def _freeze_a_sandbox(rig: Rig, draw: random.Random) -> Hit:
    """What a job runs there hangs, and hears nothing."""
    processes = rig.processes
    found = [each for worker in processes.pool for each in processes.below(worker)]
    with _frozen(draw.sample(found, min(2, len(found)))):
        time.sleep(draw.uniform(1, 6))
    return None


def _kill_a_sandbox(rig: Rig, draw: random.Random) -> Hit:
    def find() -> list[int]:
        processes = rig.processes
        return [each for worker in processes.pool for each in processes.below(worker)]

    found = _until_there(find)
    signal_all(draw.sample(found, min(1, len(found))), signal.SIGKILL)
    return None


def _freeze(word: str) -> Do:
    def do(rig: Rig, draw: random.Random) -> Hit:
        found = _until_there(lambda: rig.processes.program(word))
        with _frozen(found):
            time.sleep(draw.uniform(1, 6))
        return None

    return do


def _freeze_past_its_lease(rig: Rig, draw: random.Random) -> Hit:
    busy = _until_there(lambda: _busy(rig, None)) or _until_there(lambda: rig.processes.pool)
    hit = draw.sample(busy, min(1, len(busy)))
    with _frozen(hit):
        time.sleep(LEASE_SECONDS + draw.uniform(1, 4))
    return set(hit)


@contextlib.contextmanager
def _frozen(found: list[int]) -> Iterator[None]:
    signal_all(found, signal.SIGSTOP)
    try:
        yield
    finally:
        signal_all(found, signal.SIGCONT)


def _kill_queue(rig: Rig, draw: random.Random) -> Hit:
    rig.stores.stop_queue(draw.uniform(0.1, 5), emptied=False)
    return None


def _kill_queue_and_its_data(rig: Rig, draw: random.Random) -> Hit:
    rig.stores.stop_queue(draw.uniform(0.1, 3), emptied=True)
    return None


def _flush_queue(rig: Rig, draw: random.Random) -> Hit:
    for _ in range(draw.randint(1, 5)):
        rig.stores.flush_queue()
        time.sleep(draw.uniform(0, 0.5))
    return None


def _block_database(rig: Rig, draw: random.Random) -> Hit:
    """Also for longer than a lease lasts, and than writers wait."""
    rig.stores.block_database(draw.choice([draw.uniform(1, 4), draw.uniform(5, 12)]))
    return None


def _cut_database(rig: Rig, draw: random.Random) -> Hit:
    for _ in range(draw.randint(1, 5)):
        rig.stores.cut_database()
        time.sleep(draw.uniform(0, 0.5))
    return None


def _fill_disk(rig: Rig, draw: random.Random) -> Hit:
    """Whatever an unfinished job stores fails, as on a full disk: an OSError from the same calls.

    A small file system would need root, and missing rights would not stop root: where the folder
    of an attempt would go there is a file. What is stored already can be read, as on a full disk.
    """
    statement = select(jobs.c.id, jobs.c.attempt_count).where(jobs.c.finished_at.is_(None))
    until = clock.monotonic() + draw.uniform(2, 5)
    made: set[Path] = set()
    try:
        while clock.monotonic() < until:
            for row in rig.rows(statement):
                for attempt in (row.attempt_count, row.attempt_count + 1):
                    place = rig.artifacts_folder / "jobs" / row.id / str(attempt)
                    with contextlib.suppress(OSError):
                        place.parent.mkdir(parents=True, exist_ok=True)
                        place.touch(exist_ok=False)
                        made.add(place)
            time.sleep(0.02)
    finally:
        for place in made:
            with contextlib.suppress(OSError):  # it may have been tidied away
                place.unlink()
    return None


KINDS: dict[str, Do] = {
    "API killed": _kill("api.server"),
    "worker killed": _kill_worker,
    "process of the pool killed": _kill_one_of_the_pool,
    "worker told to stop": _stop_worker,
    "process told to stop": _stop_one_of_the_pool,
    "sandbox frozen": _freeze_a_sandbox,
    "killed while verifying": _kill_in("verify", "package"),
    "sandbox killed": _kill_a_sandbox,
    "beat killed": _kill("beat"),
    "API frozen": _freeze("api.server"),
    "worker frozen": _freeze("worker"),
    "frozen past its lease": _freeze_past_its_lease,
    "beat frozen": _freeze("beat"),
    "queue killed": _kill_queue,
    "queue killed, data deleted": _kill_queue_and_its_data,
    "queue flushed": _flush_queue,
    "database blocked": _block_database,
    "database cut off": _cut_database,
    "disk full": _fill_disk,
}


def kinds_for(rig: Rig) -> list[str]:
    """All that can be done to these stores."""
    missing = {"database cut off"} if isinstance(rig.stores, Embedded) else set()
    return [kind for kind in KINDS if kind not in missing]


def draw_kinds(draw: random.Random, kinds: list[str], count: int) -> list[str]:
    """`count` of them, each as often as any other: in rounds, each round in another order."""
    drawn: list[str] = []
    while len(drawn) < count:
        drawn += draw.sample(kinds, len(kinds))
    return drawn[:count]


def do_harm(kind: str, rig: Rig, draw: random.Random) -> Harm:
    """Do it; what was done, and when."""
    began_at = clock.now()
    hit = KINDS[kind](rig, draw)
    return Harm(kind, began_at, clock.now(), frozenset(hit or ()))
