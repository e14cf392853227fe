"""Artifacts are stored whole or not at all, and gone when they are gone."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from common.artifacts import ArtifactStore, output_key
from common.errors import RequestError, TransientError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "a folder" / "ärtifacts"


@pytest.fixture
def artifacts(folder: Path) -> ArtifactStore:
    return ArtifactStore(folder.as_uri())


def test_what_is_stored_is_read(artifacts: ArtifactStore) -> None:
    content = os.urandom(3_000_000)
    artifacts.put("jobs/job_1/1/project.zip", content)
    assert artifacts.get("jobs/job_1/1/project.zip") == content
    assert b"".join(artifacts.stream("jobs/job_1/1/project.zip", 100_000)) == content


def test_storing_again_replaces(artifacts: ArtifactStore) -> None:
    artifacts.put("jobs/job_1/1/project.zip", b"long" * 100)
    artifacts.put("jobs/job_1/1/project.zip", b"short")
    assert artifacts.get("jobs/job_1/1/project.zip") == b"short"


def test_attempts_do_not_touch_each_other() -> None:
    assert output_key("job_1", 1) == "jobs/job_1/1"
    assert output_key("job_1", 1) != output_key("job_1", 2)


def test_whose_files_there_are(artifacts: ArtifactStore) -> None:
    assert artifacts.job_ids() == []
    for key in ("jobs/job_1/1/project.zip", "jobs/job_1/2/report.json", "jobs/job_10/1/x", "ping"):
        artifacts.put(key, b"x")
    assert sorted(artifacts.job_ids()) == ["job_1", "job_10"]


@pytest.mark.parametrize("read", ["get", "stream"])
def test_what_is_not_there_is_gone(artifacts: ArtifactStore, read: str) -> None:
    with pytest.raises(RequestError) as raised:
        getattr(artifacts, read)("jobs/job_1/1/project.zip")
    assert raised.value.status == 410


def test_deleting_takes_all_of_a_job_and_nothing_else(
    artifacts: ArtifactStore, folder: Path
) -> None:
    for key in ("jobs/job_1/1/project.zip", "jobs/job_1/2/report.json", "jobs/job_10/1/x"):
        artifacts.put(key, b"x")
    artifacts.delete("jobs/job_1")
    artifacts.delete("jobs/job_1")
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert kept == [folder / "jobs/job_10/1/x"]
    assert not (folder / "jobs/job_1").exists()


_KILLED_WHILE_WRITING = """
import os, signal, sys, threading
from pathlib import Path
from common.artifacts import ArtifactStore

def kill_once_it_is_there():
    while not list(Path(sys.argv[1]).rglob("project.zip#*")):
        pass
    os.kill(os.getpid(), signal.SIGKILL)

artifacts = ArtifactStore(Path(sys.argv[1]).as_uri())
threading.Thread(target=kill_once_it_is_there).start()
artifacts.put("jobs/job_1/1/project.zip", bytes(200_000_000))
"""


def test_deleting_takes_what_somebody_was_killed_over(
    artifacts: ArtifactStore, folder: Path
) -> None:
    command = [sys.executable, "-c", _KILLED_WHILE_WRITING, str(folder)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert list(folder.rglob("project.zip#*"))
    artifacts.delete("jobs/job_1/1")
    assert list(folder.rglob("*")) == [folder / "jobs"]


def test_deleting_a_part_leaves_the_rest(artifacts: ArtifactStore, folder: Path) -> None:
    for key in ("jobs/job_1/1/project.zip", "jobs/job_1/checkpoints/verify-1"):
        artifacts.put(key, b"x")
    artifacts.delete("jobs/job_1/checkpoints")
    assert [path.name for path in (folder / "jobs/job_1").iterdir()] == ["1"]


def test_what_can_not_be_deleted_is_said(artifacts: ArtifactStore, folder: Path) -> None:
    (folder / "jobs").mkdir()
    (folder / "jobs/job_1").touch()
    with pytest.raises(TransientError) as raised:
        artifacts.delete("jobs/job_1")
    assert raised.value.code == "storage_unavailable"


@pytest.mark.parametrize("url", ["http://example.org/", "ftp://x/", "artifacts", ""])
def test_other_places_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="ARTIFACT_URL"):
        ArtifactStore(url)


def test_a_folder_that_can_not_be_is_a_transient_error(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("x")
    with pytest.raises(TransientError) as raised:
        ArtifactStore((in_the_way / "artifacts").as_uri())
    assert raised.value.code == "storage_unavailable"


_FULL_DISK = """
import resource, signal, sys
from common.artifacts import ArtifactStore
from common.errors import TransientError

store = ArtifactStore(sys.argv[1])
store.put("jobs/job_1/1/project.zip", b"before")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    store.put("jobs/job_1/1/project.zip", b"x" * 5000)
except TransientError as error:
    print(error.code)
print(store.get("jobs/job_1/1/project.zip").decode())
"""


def test_a_disk_that_is_full_leaves_what_was_there(folder: Path) -> None:
    """A limit on the size of files stands for the disk."""
    assert resource.RLIMIT_FSIZE
    done = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, folder.as_uri()],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["storage_unavailable", "before"]
