"""README and `.env.example` list the settings as they are."""

from pathlib import Path

import pytest

from backbone import settings_docs
from common.settings import ClientSettings, Settings


def test_both_files_are_current(root: Path) -> None:
    assert settings_docs.main(root, write=False) == 0


def test_every_setting_has_a_meaning() -> None:
    listed = list(settings_docs.rows())
    assert len(listed) == len(Settings.model_fields) + len(ClientSettings.model_fields)
    assert [row.variable for row in listed if not row.meaning.endswith(".")] == []


def test_a_stale_file_is_found_and_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("Before\n<!-- settings:begin -->\nold\n<!-- settings:end -->\nAfter\n")
    assert settings_docs.main(tmp_path, write=False) == 1
    said = capsys.readouterr().out
    assert "README.md" in said
    assert ".env.example" in said
    assert settings_docs.main(tmp_path, write=True) == 0
    assert settings_docs.main(tmp_path, write=False) == 0
    text = readme.read_text()
    assert text.startswith("Before\n")
    assert text.endswith("After\n")
    assert "| `API_PORT` | number | `8000` |" in text


def test_the_example_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = Settings()
    (tmp_path / ".env").write_text(settings_docs.env_example(), encoding="utf-8")
    assert Settings() == before
    uncommented = settings_docs.env_example().replace("\n# ENV", "\nENV")
    lines = [
        line.removeprefix("# ")
        for line in uncommented.splitlines()
        if line.removeprefix("# ").split("=")[0].isupper()
    ]
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    assert Settings() == before
