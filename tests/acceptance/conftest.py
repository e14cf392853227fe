"""How acceptance tests run the `backbone` command: as everybody does, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from backbone.background_stack import BackgroundStack
from common.settings import environment_without_settings

Finished = subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def backbone() -> Callable[..., Finished]:
    """Runs `backbone ARGUMENTS` with the settings given by name; never shows a traceback."""

    def run(
        *arguments: str | Path,
        stdin: str | None = None,
        cwd: Path | None = None,
        timeout_seconds: float = 120,
        **settings: str,
    ) -> Finished:
        surroundings = environment_without_settings()
        surroundings = {k: v for k, v in surroundings.items() if not k.startswith("BACKBONE_")}
        finished = subprocess.run(
            [Path(sys.executable).with_name("backbone"), *arguments],
            env=surroundings | settings,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )
        assert "Traceback" not in finished.stdout + finished.stderr
        return finished

    return run


@pytest.fixture
def server(stack: BackgroundStack) -> dict[str, str]:
    """The variables by which commands find the running platform."""
    return {"BACKBONE_URL": stack.api_url, "BACKBONE_API_KEY": stack.api_key}


@pytest.fixture(scope="session")
def blog(root: Path) -> Path:
    """The example that the demo builds."""
    return root / "examples" / "blog.json"


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A document that is done at once, for tests of everything around it."""
    key = {"name": "id", "type": "Integer", "primary_key": True, "autoincrement": True}
    name = {"name": "name", "type": "String", "length": 80, "nullable": False}
    document = {
        "project_name": "small",
        "db_type": "sqlite",
        "schema": [{"table_name": "things", "class_name": "Thing", "columns": [key, name]}],
        "run": {"verify": "none"},
    }
    path = tmp_path_factory.mktemp("documents") / "small.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
