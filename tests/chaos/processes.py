"""The processes of a running platform, found from outside as an operator would find them."""

from __future__ import annotations

import os
import signal
from collections import defaultdict
from pathlib import Path


def _parents() -> dict[int, int]:
    found = {}
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                stat = (process / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            found[int(process.name)] = int(stat.rpartition(")")[2].split()[1])
    return found


def _words(process_id: int) -> list[str]:
    try:
        line = Path(f"/proc/{process_id}/cmdline").read_bytes()
    except OSError:
        return []
    return line.decode(errors="replace").split("\0")


def signal_all(process_ids: list[int], number: signal.Signals) -> None:
    """Send a signal to those that are still there."""
    for process_id in process_ids:
        try:
            os.kill(process_id, number)
        except ProcessLookupError:
            continue


class Processes:
    """What runs under one `backbone up` at this moment."""

    def __init__(self, supervisor: int) -> None:
        self._children: dict[int, list[int]] = defaultdict(list)
        for process_id, parent in _parents().items():
            self._children[parent].append(process_id)
        self._programs = {
            process_id: _words(process_id) for process_id in self._children[supervisor]
        }

    def program(self, word: str) -> list[int]:
        """The first process of `api.server`, `worker` or `beat`; none while it is down."""
        return [process_id for process_id, words in self._programs.items() if word in words]

    @property
    def pool(self) -> list[int]:
        """The processes that run jobs."""
        return [child for parent in self.program("worker") for child in self._children[parent]]

    def below(self, process_id: int) -> list[int]:
        """All that a process has started, and what that has: of a worker, its sandbox."""
        found = []
        for child in self._children[process_id]:
            found += [child, *self.below(child)]
        return found
