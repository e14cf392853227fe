"""What must be true in the end, by the API, the database and the disk; and how long it took."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import not_, or_, select

from common import clock
from common.db.tables import batches, job_events, jobs
from common.jobs.expiry import expire
from common.jobs.job import FINISHED
from common.jobs.retention import Retention
from tests.chaos.callers import Answers
from tests.chaos.harms import Harm
from tests.chaos.rig import LEASE_SECONDS, Rig

_FINISHED = {status.value for status in FINISHED}
_LOST = {"worker_lost", "worker_stopped", "transient"}
_FAULTS = {"worker_lost", "transient"}
_FIRST_DELAY_SECONDS = 5
_LONG_AFTER = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One claim of one job."""

    began_at: datetime
    outcome: str | None
    due_at: datetime
    """When the job was to go on, where it said so; else when the attempt began"""
    next_at: datetime | None
    """When the job went on, or was over, after it"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A job in the database."""

    row: Any
    attempts: tuple[Attempt, ...]


_THERE = or_(
    jobs.c.batch_id.is_(None),
    jobs.c.batch_id.in_(select(batches.c.id).where(batches.c.accepted_at.is_not(None))),
)
"""Not of a batch that was cut off while it came in: nobody was told of it, and it goes by itself"""


def wait_until_over(rig: Rig, seconds: float) -> None:
    """Until no job is left that is not finished."""
    deadline = clock.monotonic() + seconds
    unfinished = select(jobs.c.id, jobs.c.status).where(jobs.c.finished_at.is_(None), _THERE)
    while found := rig.rows(unfinished):
        assert clock.monotonic() < deadline, f"after {seconds:g} s not over: {found}\n{rig.log}"
        time.sleep(0.2)


def read_entries(rig: Rig) -> list[Entry]:
    """All jobs, oldest first."""
    return [_entry(row) for row in rig.rows(select(jobs).where(_THERE).order_by(jobs.c.id))]


def _entry(row: Any) -> Entry:
    claims = row.attempts or []
    starts = [datetime.fromisoformat(each["started_at"]) for each in claims]
    attempts, faults = [], 0
    for each, began_at, next_at in zip(claims, starts, [*starts, row.finished_at][1:], strict=True):
        due_at = began_at
        faults += each["outcome"] in _FAULTS
        if each["outcome"] == "transient":
            delay = timedelta(seconds=_FIRST_DELAY_SECONDS * 2 ** (faults - 1))
            due_at = datetime.fromisoformat(each["ended_at"]) + delay
        attempts.append(Attempt(began_at, each["outcome"], due_at, next_at))
    return Entry(row, tuple(attempts))


def faults_of(rig: Rig, answers: Answers, entries: Sequence[Entry]) -> list[str]:
    """Every promise that was broken, in words; none if all is well."""
    faults = [f"answered: {each}" for each in answers.refused]
    faults += _wishes(answers, entries)
    events: dict[str, list[Any]] = {entry.row.id: [] for entry in entries}
    for event in rig.rows(select(job_events).order_by(job_events.c.job_id, job_events.c.revision)):
        events.setdefault(event.job_id, []).append(event)
    for entry in entries:
        row = entry.row
        faults += [f"{row.id}: {each}" for each in _job(entry, events[row.id])]
        if row.status == "cancelled" and not {row.id, row.batch_id} & answers.cancelled:
            faults.append(f"{row.id}: cancelled, and nobody had asked for it")
        if row.id in answers.stopped and row.status != "cancelled":
            faults.append(f"{row.id}: was to be cancelled, and is {row.status}")
    return faults + _batches(rig, answers, entries) + _served(rig, answers, entries)


def _batches(rig: Rig, answers: Answers, entries: Sequence[Entry]) -> list[str]:
    """Whether each is there once, is over, and counts what became of its jobs."""
    faults = [
        f"{key} made {len(ids)} batches" for key, ids in answers.batches.items() if len(ids) != 1
    ]
    accepted = select(batches).where(batches.c.accepted_at.is_not(None))
    there = {row.id: row for row in rig.rows(accepted)}
    told = {batch_id for ids in answers.batches.values() for batch_id in ids}
    faults += [f"{batch_id} was accepted and is lost" for batch_id in told - there.keys()]
    faults += [f"{batch_id} is there and nobody was told" for batch_id in there.keys() - told]
    for batch_id, row in there.items():
        ended = Counter(entry.row.status for entry in entries if entry.row.batch_id == batch_id)
        counts = {
            "succeeded": row.succeeded_count,
            "failed": row.failed_count,
            "cancelled": row.cancelled_count,
        }
        if row.finished_at is None or row.finished_count != row.line_count:
            faults.append(f"{batch_id}: {row.finished_count} of {row.line_count} have ended")
        if +Counter(counts) != ended:
            faults.append(f"{batch_id}: counts {counts}, and its jobs are {dict(ended)}")
        if batch_id in answers.stopped and row.cancel_requested_at is None:
            faults.append(f"{batch_id}: was to be cancelled, and does not know of it")
    return faults


def _wishes(answers: Answers, entries: Sequence[Entry]) -> list[str]:
    faults = []
    for key, ids in answers.accepted.items():
        if len(ids) != 1:
            faults.append(f"{key} made {len(ids)} jobs")
    accepted = {job_id for ids in answers.accepted.values() for job_id in ids}
    there = {entry.row.id for entry in entries if entry.row.batch_id is None}
    faults += [f"{job_id} was accepted and is lost" for job_id in accepted - there]
    faults += [f"{job_id} is there and nobody was told" for job_id in there - accepted]
    return faults


def _job(entry: Entry, events: list[Any]) -> list[str]:
    row, faults = entry.row, []
    if row.status not in {"succeeded", "cancelled"}:
        faults.append(f"is {row.status}: {row.error}")
    ends = [event.status for event in events if event.status in _FINISHED]
    if ends != [row.status] or events[-1].status != row.status:
        faults.append(f"is {row.status}, and ended as {ends}")
    revisions = [event.revision for event in events]
    if revisions != list(range(1, row.revision + 1)):
        faults.append(f"is at revision {row.revision}, and its events are {revisions}")
    outcomes = [each["outcome"] for each in row.attempts or []]
    if outcomes.count("succeeded") != (row.status == "succeeded") or None in outcomes:
        faults.append(f"is {row.status}, with attempts {outcomes}")
    if row.attempt_count != len(outcomes):
        faults.append(f"counts {row.attempt_count} attempts of {len(outcomes)}")
    if row.worker or row.lease_expires_at or row.sent_at or row.deferred_until:
        faults.append("is over and still under way")
    return faults


def _served(rig: Rig, answers: Answers, entries: Sequence[Entry]) -> list[str]:
    """What its caller gets of each job, and what lies on the disk."""
    faults = []
    with httpx.Client(base_url=f"{rig.url}/api/v1/", timeout=30) as http:
        for entry in entries:
            row = entry.row
            headers = {"X-API-Key": answers.owners.get(row.batch_id or row.id, "")}
            job = http.get(f"jobs/{row.id}", headers=headers)
            if job.status_code != 200 or job.json()["status"] != row.status:
                faults.append(f"{row.id}: is {row.status}, and the API says {job.text}")
            if row.status != "succeeded":
                continue
            artifact = http.get(f"jobs/{row.id}/artifact", headers=headers)
            found = hashlib.sha256(artifact.content).hexdigest()
            if artifact.status_code != 200 or found != row.artifact["sha256"]:
                faults.append(f"{row.id}: its artifact is {artifact.status_code} {found}")
    known = {entry.row.id for entry in entries}
    strange = {path.name for path in (rig.artifacts_folder / "jobs").iterdir()} - known
    return [*faults, *(f"{name}: files that belong to no job" for name in sorted(strange))]


def leftovers(rig: Rig, entries: Sequence[Entry]) -> list[str]:
    """What lies on the disk and no job points to: docs/jobs.md says when it goes."""
    keys = {entry.row.output_key for entry in entries}
    jobs_folder = rig.artifacts_folder / "jobs"
    return [
        str(path.relative_to(jobs_folder))
        for path in jobs_folder.rglob("*")
        if path.is_file() and str(path.parent.relative_to(rig.artifacts_folder)) not in keys
    ]


def left_for_ever(rig: Rig) -> list[str]:
    """What is still on the disk when the time of all jobs is over. Removes everything."""
    kept = Retention(jobs=timedelta(days=7), artifacts=timedelta(days=3))
    later = clock.now() + _LONG_AFTER
    expire(rig.engine, later, kept, rig.artifacts.delete, within_seconds=60)
    return [str(path) for path in (rig.artifacts_folder / "jobs").rglob("*")]


def recoveries(harms: Sequence[Harm], entries: Sequence[Entry]) -> list[tuple[Harm, float]]:
    """After which harm how long it took until what it had hit went on.

    Each attempt that was lost: from the last harm before the job went on, or from when the job had
    said it would, to its next claim or its end. And the platform: from each harm's end to the first
    job that goes on, unless another harm came before that.
    """
    found = []
    for entry in entries:
        if entry.row.batch_id is not None:  # every single job goes first, however long that takes
            continue
        for attempt in entry.attempts:
            before = [harm for harm in harms if attempt.next_at and harm.ended_at < attempt.next_at]
            if attempt.outcome in _LOST and attempt.next_at and before:
                since = max(before[-1].ended_at, attempt.due_at)
                found.append((before[-1], (attempt.next_at - since).total_seconds()))
    for harm, following in zip(harms, [*harms[1:], None], strict=True):
        first = _first_to_go_on(harm.ended_at, entries)
        if first is not None and (following is None or first < following.began_at):
            found.append((harm, (first - harm.ended_at).total_seconds()))
    return found


def _first_to_go_on(moment: datetime, entries: Sequence[Entry]) -> datetime | None:
    """Of the jobs that were there and not over."""
    marks: list[datetime] = []
    for entry in entries:
        over = entry.row.finished_at
        if entry.row.created_at < moment < over:
            marks += [*(attempt.began_at for attempt in entry.attempts), over]
    return min((mark for mark in marks if mark > moment), default=None)


def wait_until_recovered(rig: Rig, seconds: float) -> None:
    """Until whatever had been begun is being done again, or is over."""
    time.sleep(LEASE_SECONDS)  # until then nobody knows who was lost
    deadline = clock.monotonic() + seconds
    begun = select(jobs.c.id).where(
        jobs.c.finished_at.is_(None), jobs.c.attempt_count > 0, jobs.c.batch_id.is_(None)
    )
    while clock.monotonic() < deadline:
        held = jobs.c.lease_expires_at > clock.now()
        if not rig.rows(begun.where(or_(jobs.c.lease_expires_at.is_(None), not_(held)))):
            return
        time.sleep(0.1)


def overtaken_seconds(entries: Sequence[Entry]) -> float:
    """The longest that a job waited while a younger one of its caller had begun already.

    Whose message was lost has to wait until it is sent again.
    """
    longest = 0.0
    earliest: dict[str, datetime] = {}
    for entry in reversed(entries):
        if not entry.attempts or entry.row.batch_id is not None:
            continue
        caller, began_at = entry.row.caller_id, entry.attempts[0].began_at
        younger = earliest.get(caller)
        if younger is not None:
            longest = max(longest, (began_at - younger).total_seconds())
        earliest[caller] = min(began_at, younger or began_at)
    return longest


def table_of(harms: Sequence[Harm], entries: Sequence[Entry]) -> tuple[str, float]:
    """Harm, how often, and the longest recovery; and the longest of all."""
    count = Counter(harm.kind for harm in harms)
    longest: dict[str, float] = dict.fromkeys(count, 0.0)
    for harm, seconds in recoveries(harms, entries):
        longest[harm.kind] = max(longest[harm.kind], seconds)
    lines = [f"{'harm':<28} {'times':>5} {'longest recovery':>17}"]
    lines += [f"{kind:<28} {times:>5} {longest[kind]:>15.1f} s" for kind, times in count.items()]
    waited = overtaken_seconds(entries)
    lines.append(f"{'overtaken by a younger job':<34} {waited:>15.1f} s")
    return "\n".join(lines), max(waited, *longest.values())
