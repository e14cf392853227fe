"""What docs/deploy.md says is to be kept is enough to go on with, and holds no key of a caller."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.contract.conftest import MountedApi

FILES = {"README.md": "mine"}


async def test_database_artifacts_and_secrets_are_all_that_has_to_be_kept(
    start_api: Any, tmp_path: Path
) -> None:
    lost: MountedApi = await start_api(data_dir=tmp_path / "lost")
    job_id = await lost.submit()
    artifact = lost.finish(job_id, FILES)
    waiting = await lost.submit()
    key = lost.key("jobs:read")
    made = (await lost.post("/api/v1/auth/token", {}, headers=key)).json()
    token = {"Authorization": f"Bearer {made['access_token']}"}

    kept = tmp_path / "kept"
    kept.mkdir()
    with (  # while it runs
        closing(sqlite3.connect(lost.settings.data_dir / "backbone.db")) as source,
        closing(sqlite3.connect(kept / "backbone.db")) as copy,
    ):
        source.backup(copy)
    shutil.copytree(lost.settings.data_dir / "artifacts", kept / "artifacts")

    back: MountedApi = await start_api(data_dir=kept)  # with the same API_KEY and JWT_SECRET_KEY
    for headers in (back.good, key, token):
        answer = await back.get(f"/api/v1/jobs/{job_id}/artifact", headers=headers)
        assert (answer.status_code, answer.content) == (200, artifact)
    assert (await back.get(f"/api/v1/jobs/{waiting}")).json()["status"] == "queued"


async def test_what_is_kept_of_a_key_is_not_the_key(start_api: Any, tmp_path: Path) -> None:
    api: MountedApi = await start_api(data_dir=tmp_path / "data")
    keys = [api.key("jobs:read")["X-API-Key"], api.good["X-API-Key"]]
    files = [path for path in api.settings.data_dir.rglob("*") if path.is_file()]
    assert any(path.name == "backbone.db" for path in files)
    for path in files:
        assert not any(key.encode() in path.read_bytes() for key in keys), path
