"""A formatter that the machine kills says nothing about the document: the job is tried again."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from pathlib import Path

import pytest

from common.document.limits import DocumentLimits
from common.document.read import read_document
from common.errors import TransientError
from tests.chaos.documents import small_document
from workers.plan import Plan, make_plan
from workers.stages.render import render


def kill_a_child(killed: threading.Event) -> None:
    """The first process that this one starts, as soon as it is ruff."""
    while not killed.is_set():
        for thread in Path("/proc/self/task").iterdir():
            with contextlib.suppress(OSError):
                for child in (thread / "children").read_text(encoding="utf-8").split():
                    if b"ruff" in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")[0]:
                        os.kill(int(child), signal.SIGKILL)
                        killed.set()


def render_often(plan: Plan) -> None:
    for _ in range(100):  # one may be too quick to be seen
        render(plan)


def test_a_formatter_that_was_killed_is_tried_again() -> None:
    resolved = read_document(small_document(1), DocumentLimits()).resolved
    assert resolved is not None
    plan = make_plan(resolved)
    killed = threading.Event()
    killer = threading.Thread(target=kill_a_child, args=(killed,))
    killer.start()
    try:
        with pytest.raises(TransientError) as raised:
            render_often(plan)
    finally:
        killed.set()
        killer.join()
    assert raised.value.code == "formatter_lost"
