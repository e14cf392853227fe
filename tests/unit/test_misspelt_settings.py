"""A setting whose name is misspelt is told of: nothing reads it, and its default holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.settings import find_misspelt


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_in_the_environment_or_in_dot_env_it_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALOWED_IPS", "127.0.0.1")
    Path(".env").write_text("jwt_secret=x\nBACKBONE_KEY=y\n")
    found = find_misspelt()
    assert found["ALOWED_IPS"] == "ALLOWED_IPS"
    assert found["JWT_SECRET"] == "JWT_SECRET_KEY"
    assert found["BACKBONE_KEY"] == "BACKBONE_API_KEY"


def test_what_belongs_to_others_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    others = {"POSTGRES_PASSWORD", "GITHUB_TOKEN", "PYTHONPATH", "TEST_DATABASE_URL"}
    for name in (*others, "ALLOWED_IPS", "api_key"):
        monkeypatch.setenv(name, "x")
    assert not {*others, "ALLOWED_IPS", "API_KEY"} & {*find_misspelt()}


def test_a_setting_that_is_set_is_not_what_another_name_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JWT_SECRET", "x")
    monkeypatch.setenv("JWT_SECRET_KEY", "y")
    assert "JWT_SECRET" not in find_misspelt()
