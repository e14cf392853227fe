"""Answers that were received, by the exact input that asked for them: none is bought twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, bindparam, select, text

from common.db.tables import llm_answers


class Finish(StrEnum):
    """How an answer ended."""

    ANSWERED = "answered"
    REFUSED = "refused"
    """The model, or a filter of its provider, would not answer."""
    TOO_LONG = "too_long"
    """It was cut off at the greatest length that was allowed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it is kept."""

    finish: Finish
    text: str
    provider: str
    model: str


def input_sha256(*parts: object) -> str:
    """A name for all that an answer depends on (JSON values): 64 hexadecimal digits."""
    spelt = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelt.encode("utf-8", "surrogatepass")).hexdigest()


_FIND: Final = select(
    llm_answers.c.job_id,
    llm_answers.c.finish,
    llm_answers.c.answer,
    llm_answers.c.provider,
    llm_answers.c.model,
).where(
    llm_answers.c.job_id.in_(bindparam("job_ids", expanding=True)),
    llm_answers.c.input_sha256 == bindparam("sha256"),
)


def find_answer(
    connection: Connection, job_ids: Sequence[str], sha256: str
) -> tuple[str, Kept] | None:
    """The job that has it, and the answer; the first of `job_ids` (one's own) goes first.

    Whoever runs a job again wants it to be asked again where it was refused or cut off.
    """
    rows = connection.execute(_FIND, {"job_ids": list(job_ids), "sha256": sha256}).all()
    for job_id in job_ids:
        for row in rows:
            own = job_id == job_ids[0]
            if row.job_id == job_id and (own or row.finish == Finish.ANSWERED.value):
                return job_id, Kept(Finish(row.finish), row.answer, row.provider, row.model)
    return None


_KEEP: Final = text(
    "INSERT INTO llm_answers (job_id, input_sha256, finish, answer, provider, model)"
    " SELECT :job_id, :input_sha256, :finish, :answer, :provider, :model"
    " WHERE EXISTS (SELECT 1 FROM jobs WHERE id = :job_id)"
    " ON CONFLICT (job_id, input_sha256) DO NOTHING"
)


def keep_answer(connection: Connection, job_id: str, sha256: str, kept: Kept) -> None:
    """Keep it with the job, unless that is gone or has it already."""
    connection.execute(
        _KEEP,
        {
            "job_id": job_id,
            "input_sha256": sha256,
            "finish": kept.finish.value,
            "answer": kept.text,
            "provider": kept.provider,
            "model": kept.model,
        },
    )
