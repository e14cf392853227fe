"""Whatever is done to the processes and the stores: no accepted job is lost, none is run twice."""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from common import clock
from tests.chaos import ledger
from tests.chaos.callers import Answers, Caller, Wish, draw_wishes
from tests.chaos.harms import Harm, do_harm, draw_kinds, kinds_for
from tests.chaos.rig import LEASE_SECONDS, Rig, embedded, servers

_CALLERS = 4
_TELLING = [
    "worker killed",
    "worker told to stop",
    "killed while verifying",
    "frozen past its lease",
    "API killed",
    "queue killed, data deleted",
]
_RECOVERS_WITHIN_SECONDS = 30.0
_OVER_WITHIN_SECONDS = 120.0


def harm_all(
    rig: Rig,
    kinds: list[str],
    *,
    job_count: int,
    batch_count: int,
    harm_count: int,
    seconds_per_harm: float,
    verified: float,
) -> None:
    """Let callers submit while harm is done. Fails, with a report, if anything came of it."""
    seed = int(os.environ.get("CHAOS_SEED", "1"))
    sys.stdout.write(f"\nCHAOS_SEED={seed}\n")
    draw = random.Random(seed)  # noqa: S311 - the same harm again, not secrets
    began_at = clock.monotonic()
    answers = Answers()
    wishes = draw_wishes(draw, job_count, harm_count * seconds_per_harm, verified, batch_count)
    callers = start_callers(rig, wishes, answers)
    harms: list[Harm] = []
    for burst in in_bursts(draw, draw_kinds(draw, kinds, harm_count)):
        for kind in burst:
            time.sleep(draw.uniform(0.2, 2))
            harms.append(do_harm(kind, rig, draw))
        ledger.wait_until_recovered(rig, _RECOVERS_WITHIN_SECONDS)
    for caller in callers:
        caller.join(300)
        assert not caller.is_alive(), "a caller never got its answer"
        if caller.error is not None:
            raise caller.error
    ledger.wait_until_over(rig, _OVER_WITHIN_SECONDS)
    seconds = clock.monotonic() - began_at
    time.sleep(LEASE_SECONDS / 2)  # whoever woke up late has had the time to do harm
    entries = ledger.read_entries(rig)
    faults = ledger.faults_of(rig, answers, entries)
    table, longest = ledger.table_of(harms, entries)
    statuses = Counter(entry.row.status for entry in entries)
    attempts = Counter(each.outcome for entry in entries for each in entry.attempts)
    report = (
        f"CHAOS_SEED={seed}: {len(entries)} jobs, {dict(statuses)}, attempts {dict(attempts)}, "
        f"{len(harms)} harms, {seconds:.0f} s\n{table}\n"
        f"left until they expire: {len(ledger.leftovers(rig, entries))} files"
    )
    sys.stdout.write(f"{report}\n")
    assert not faults, "\n".join([*faults, report, rig.log])
    assert longest < _RECOVERS_WITHIN_SECONDS, report
    left = ledger.left_for_ever(rig)
    assert not left, f"{left}\n{report}"


def in_bursts(draw: random.Random, kinds: list[str]) -> Iterator[list[str]]:
    """One to three in a row: after that the platform gets the time to recover."""
    rest = [*kinds]
    while rest:
        count = draw.randint(1, 3)
        yield rest[:count]
        rest = rest[count:]


def start_callers(rig: Rig, wishes: list[Wish], answers: Answers) -> list[Caller]:
    callers = [
        Caller(rig.url, rig.key(f"caller-{number}"), wishes[number::_CALLERS], answers)
        for number in range(_CALLERS)
    ]
    for caller in callers:
        caller.start()
    return callers


@pytest.mark.long
def test_some_harm(tmp_path: Path) -> None:
    with embedded(tmp_path) as stores, Rig(tmp_path, stores) as rig:
        harm_all(
            rig,
            _TELLING,
            job_count=12,
            batch_count=3,
            harm_count=len(_TELLING),
            seconds_per_harm=4,
            verified=0.6,
        )


@pytest.mark.long
def test_all_harm_on_sqlite(tmp_path: Path) -> None:
    with embedded(tmp_path) as stores, Rig(tmp_path, stores) as rig:
        harm_for_long(rig)


@pytest.mark.long
def test_all_harm_on_servers(tmp_path: Path) -> None:
    with servers() as stores, Rig(tmp_path, stores) as rig:
        harm_for_long(rig)


def harm_for_long(rig: Rig) -> None:
    kinds = kinds_for(rig)
    count = 3 * len(kinds)
    harm_all(
        rig,
        kinds,
        job_count=200,
        batch_count=20,
        harm_count=count,
        seconds_per_harm=6,
        verified=0.25,
    )
