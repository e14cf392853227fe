"""A formatter that is killed says nothing about the document; one that hangs stops nobody."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from common.document.limits import DocumentLimits
from common.document.read import read_document
from common.errors import TransientError
from common.jobs.job import Stage
from tests.chaos.documents import small_document
from workers.pipeline import Progress, StoppedError, run_pipeline
from workers.plan import Plan, make_plan
from workers.sandbox.sandbox import Sandbox
from workers.stages.render import RenderingCancelled, render


@contextlib.contextmanager
def doing(number: signal.Signals) -> Iterator[threading.Event]:
    """Sends a signal to the first process that this one starts, as soon as it is ruff."""
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            for thread in Path("/proc/self/task").iterdir():
                with contextlib.suppress(OSError):
                    for child in (thread / "children").read_text(encoding="utf-8").split():
                        words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
                        if b"ruff" in words[0]:
                            os.kill(int(child), number)
                            done.set()

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield done
    finally:
        done.set()
        looking.join()


def plan_of(document: dict[str, Any]) -> Plan:
    resolved = read_document(document, DocumentLimits()).resolved
    assert resolved is not None
    return make_plan(resolved)


def render_often(plan: Plan, cancelled: Callable[[], bool] = lambda: False) -> None:
    for _ in range(100):  # one may be too quick to be seen
        render(plan, cancelled=cancelled)


def test_a_formatter_that_was_killed_is_tried_again() -> None:
    plan = plan_of(small_document(1))
    with doing(signal.SIGKILL), pytest.raises(TransientError) as raised:
        render_often(plan)
    assert raised.value.code == "formatter_lost"


def test_one_who_cancels_does_not_wait_for_a_formatter_that_hangs() -> None:
    plan = plan_of(small_document(1))
    with doing(signal.SIGSTOP) as hangs, pytest.raises(RenderingCancelled):
        render_often(plan, hangs.is_set)


def test_one_who_cancels_waits_for_one_file_at_most() -> None:
    plan = plan_of(small_document(1, tables=20))
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) == 30

    with pytest.raises(RenderingCancelled):
        render(plan, cancelled=cancelled)
    assert len(asked) == 30
    asked.clear()
    asked += [1] * 100
    files = render(plan, cancelled=cancelled)
    assert len(asked) - 100 >= len(files)


def test_a_pipeline_that_is_told_to_stop_while_it_renders_stops() -> None:
    begun: list[Stage] = []
    progress = Progress(begun.append, lambda *_: None, lambda: begun[-1:] == [Stage.RENDER])
    with pytest.raises(StoppedError):
        run_pipeline(
            small_document(1),
            limits=DocumentLimits(),
            sandbox=Sandbox.__new__(Sandbox),  # it does not come to that
            progress=progress,
        )
    assert begun == [Stage.PLAN, Stage.RENDER]
