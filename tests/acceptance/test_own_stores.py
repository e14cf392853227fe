"""Stores that the settings name are used instead of the embedded ones."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from redis import Redis

from backbone.background_stack import BackgroundStack

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_named_stores_are_used_and_the_embedded_ones_not_started(
    tmp_path: Path, valkey_url: str, backbone: Run, small: Path
) -> None:
    database, artifacts = tmp_path / "elsewhere.db", tmp_path / "artifacts"
    limits, queue = valkey_url.replace("/0", "/3"), valkey_url.replace("/0", "/4")
    settings = {
        "REDIS_URL": limits,
        "CELERY_BROKER_URL": queue,
        "DATABASE_URL": f"sqlite:///{database}",
        "ARTIFACT_URL": artifacts.as_uri(),
    }
    with BackgroundStack(tmp_path / "data", settings) as stack:
        server = {"BACKBONE_URL": stack.api_url, "BACKBONE_API_KEY": stack.api_key}
        submitted = backbone("submit", small, "--wait", **server)
        assert submitted.returncode == 0, submitted.stderr
        assert not (stack.folder / "valkey").exists()
        assert not list(stack.folder.glob("*.db"))
        assert not (stack.folder / "artifacts").exists()
    assert database.exists()
    assert [path.name for path in artifacts.rglob("*.zip")] == ["project.zip"]
    for url in (limits, queue):
        with Redis.from_url(url) as connection:
            assert connection.dbsize() > 0
