"""A process that asks for it is killed by the kernel when its parent dies, however that dies."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(parent_id: int | None = None) -> None:
    """Have this process killed when the thread that started it ends. Only Linux can do that.

    `parent_id` is who the parent should be: where it has died already, nobody would tell.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if parent_id is not None and os.getppid() != parent_id:
        os._exit(1)
