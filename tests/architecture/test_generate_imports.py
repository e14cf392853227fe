"""`backbone generate` without checks imports nothing that only servers need: it is to be quick."""

from __future__ import annotations

import subprocess
import sys


def test_making_a_project_needs_no_sqlalchemy() -> None:
    asked = "import sys, workers.engines, workers.pipeline; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
