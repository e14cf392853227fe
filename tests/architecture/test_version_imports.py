"""`backbone version` is there at once: it imports nothing but what finds the command."""

from __future__ import annotations

import subprocess
import sys

LIST_MODULES = """
import sys
from backbone.main import cli
cli(["version"], standalone_mode=False)
print("\\n".join(sorted(sys.modules)))
"""


def test_what_it_has_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIST_MODULES], capture_output=True, text=True, check=True
    )
    _, _, *modules = done.stdout.split()
    packages = {name.partition(".")[0] for name in modules if not name.startswith("_")}
    assert packages - sys.stdlib_module_names == {"backbone", "click", "common"}
    commands = [name for name in modules if name.startswith("backbone.commands.")]
    assert commands == ["backbone.commands.version"]
