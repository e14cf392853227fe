"""Log lines are one line each, and a machine can take them apart."""

from __future__ import annotations

import logging

import pytest

from common.telemetry import KeyValueFormatter


def line(message: str, **more: object) -> str:
    record = logging.LogRecord("backbone.jobs", logging.INFO, __file__, 1, message, (), None)
    record.created, record.msecs = 1_767_323_045.678, 678
    vars(record).update(more)
    return KeyValueFormatter().format(record)


def test_say_event_and_job() -> None:
    assert line("job.claimed", job_id="job_1", attempt=2) == (
        "2026-01-02T03:04:05.678Z INFO backbone.jobs event=job.claimed job_id=job_1 attempt=2"
    )


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        ("two words", '"two words"'),
        ("a\nforged line", r'"a\nforged line"'),
        ("k=v", '"k=v"'),
        ('"', r'"\""'),
        ("", '""'),
        ("zürich", "zürich"),
        (None, "None"),
    ],
)
def test_stay_one_line_of_pairs(value: object, spelled: str) -> None:
    assert line("x", reason=value).endswith(f" reason={spelled}")
