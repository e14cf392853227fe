"""What belongs to this installation and to no run of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def checkout_cache() -> Path | None:
    """A folder in the virtual environment, for what depends on its packages and goes with them.

    None where the environment can't be written to, as in an image.
    """
    return Path(sys.prefix) / "cache" if os.access(sys.prefix, os.W_OK) else None
