"""The preloaded process begins here: it becomes who it is to be, then serves jobs.

It ends when its owner does: the socket that it listens on is closed then.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

from . import kernel
from .probe import held_layers


def main() -> None:
    """Serve jobs until the owner is gone, or only see whether that would work.

    Arguments: the number of the socket (or `probe`), the folder for jobs, the user to become (or
    `same`), the layers that isolate jobs, and the paths that they may read.
    """
    control, folder, user, layers, *readable = sys.argv[1:]
    wanted = frozenset(layers.split(","))
    if not Path("/proc/self").exists():
        kernel.mount("proc", "/proc")
    if user != "same":
        _become(int(user))
    kernel.hide_memory()
    # Third parties alone: not the platform, which may be installed as a link to its sources
    roots = (sys.prefix, sys.base_prefix)
    sys.path = [place for place in sys.path if place.startswith(roots)]
    if control == "probe":
        # Only what holds is asked for, which does without third parties
        sys.stdout.write(json.dumps(held_layers(Path(folder), tuple(readable), wanted)))
        return
    from .server import serve  # noqa: PLC0415 - it imports what the probe can do without

    serve(socket.socket(fileno=int(control)), Path(folder), tuple(readable), wanted)


def _become(user: int) -> None:
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
