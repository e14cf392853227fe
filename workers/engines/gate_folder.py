"""The folder that the gates of a process are made in."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from common.clock import now

_PREFIX: Final = "backbone-gates-"
_UNLOCKED: Final = "backbone-unlocked-"
_UNLOCKED_SECONDS: Final = 3600
"""By then who made one has locked and renamed it, which takes no time at all, or died before."""
_UNSEARCHABLE: Final = 0o311
_LONGEST: Final = 50
"""Of the folder around it: with the names below, a socket's path may have 107 bytes."""
_SHORT: Final = "/tmp"  # noqa: S108 - only a private folder is made in it


class GateFolder:
    """An empty folder in one that no other user of the machine can look into.

    Nobody can list it, so that a gate is found by none but those who were told its name. What
    processes that are no more have left behind is removed. `close` removes it, and nothing else
    does: after a fork it is still the parent's.
    """

    def __init__(self) -> None:
        """Make it; OSError where that is not possible."""
        place = Path(tempfile.gettempdir())
        if len(os.fsencode(place)) > _LONGEST:
            place = Path(_SHORT)
        _sweep(place)
        made = Path(tempfile.mkdtemp(prefix=_UNLOCKED, dir=place))
        self._lock = os.open(made, os.O_RDONLY)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        # Under its name, it is never seen without the lock that says that it is in use
        self._private = made.rename(place / made.name.replace(_UNLOCKED, _PREFIX))
        self.path = self._private / "gates"
        self.path.mkdir()
        self.path.chmod(_UNSEARCHABLE)

    def close(self) -> None:
        """Remove it with all that is in it."""
        _remove(self._private)
        os.close(self._lock)


def _sweep(place: Path) -> None:
    long_ago = now().timestamp() - _UNLOCKED_SECONDS
    for left_over in (*place.glob(f"{_PREFIX}*"), *place.glob(f"{_UNLOCKED}*")):
        with contextlib.suppress(OSError):  # another user's, or one in use
            if left_over.name.startswith(_UNLOCKED) and left_over.stat().st_mtime > long_ago:
                continue
            lock = os.open(left_over, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(left_over)
            finally:
                os.close(lock)


def _remove(private: Path) -> None:
    with contextlib.suppress(OSError):
        (private / "gates").chmod(0o700)
    shutil.rmtree(private, ignore_errors=True)
