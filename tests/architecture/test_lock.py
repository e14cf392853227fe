"""The lock pins and hashes everything, and says nothing of where it came from."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "least"),
    [("requirements.lock", 60), ("requirements-app.lock", 60), ("supply/installer.lock", 1)],
)
def test_the_lock_pins_and_hashes_all_and_names_no_address(name: str, least: int) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    pinned = re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]+\])?==\S+", text, flags=re.MULTILINE)
    assert len(pinned) >= least
    for block in re.split(r"\n(?=[a-z])", text):
        if "==" in block.splitlines()[0]:
            assert "--hash=sha256:" in block


def test_every_dependency_is_locked() -> None:
    import tomllib  # noqa: PLC0415 - only here

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for requirement in [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]:
        name = re.split(r"[\[<>=! ]", requirement)[0].lower().replace("_", "-")
        assert re.search(rf"^{re.escape(name)}(\[[^\]]+\])?==", lock, flags=re.MULTILINE), name


def test_nothing_generated_is_committed() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    unwanted = re.compile(
        r"(^|/)(\.venv|var|out|__pycache__|node_modules)/|\.(db|sqlite3|pyc)$|uv\.lock$"
    )
    assert [name for name in tracked if unwanted.search(name)] == []
