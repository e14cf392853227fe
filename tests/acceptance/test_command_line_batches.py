"""`backbone batches`, against the whole platform: in, watched, out, and on again after Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from common.settings import environment_without_settings

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path, small: Path) -> Path:
    """Three documents in a folder."""
    made = tmp_path / "documents"
    made.mkdir()
    document = json.loads(small.read_text(encoding="utf-8"))
    for name in ("one", "two", "three"):
        text = json.dumps(document | {"project_name": name}, indent=2)
        (made / f"{name}.json").write_text(text, encoding="utf-8")
    return made


def test_a_folder_from_its_submission_to_its_projects(
    backbone: Run, server: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    submitted = backbone("batches", "submit", folder, **server)
    assert submitted.returncode == 0, submitted.stderr
    batch_id = submitted.stdout.split()[0]
    assert batch_id.startswith("batch_")
    watched = backbone("batches", "watch", batch_id, **server)
    assert watched.returncode == 0, watched.stderr
    assert f"{batch_id} finished: 3 succeeded" in watched.stdout
    assert "3/3" in watched.stderr
    assert "\x1b" not in watched.stderr
    assert batch_id in backbone("batches", "list", **server).stdout
    shown = json.loads(backbone("batches", "show", batch_id, "--json", **server).stdout)
    assert shown["counts"]["succeeded"] == 3
    assert "succeeded 3" in backbone("batches", "show", batch_id, **server).stdout

    results = tmp_path / "results.jsonl"
    for count in (3, 0):  # the second time there is nothing more to fetch
        said = backbone("batches", "results", batch_id, "-o", results, "--json", **server)
        told = json.loads(said.stdout)
        assert (told["new_count"], told["complete"]) == (count, True)
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    assert {line["custom_id"] for line in lines} == {"one", "two", "three"}
    printed = backbone("batches", "results", batch_id, **server)
    assert len(printed.stdout.splitlines()) == 3

    unpacked = tmp_path / "projects"
    for _ in range(2):  # what an earlier run left is replaced
        said = backbone("batches", "download", batch_id, "-o", unpacked, **server)
        assert said.returncode == 0, said.stderr
    for name in ("one", "two", "three"):
        assert (unpacked / name / "app" / "main.py").is_file()
    assert len((unpacked / "results.jsonl").read_text(encoding="utf-8").splitlines()) == 3
    target = tmp_path / "all.zip"
    assert backbone("batches", "download", batch_id, "-o", target, **server).returncode == 0
    with zipfile.ZipFile(target) as archive:
        assert set(archive.namelist()) == {"one.zip", "two.zip", "three.zip", "results.jsonl"}
    again = backbone("batches", "download", batch_id, "-o", target, **server)
    assert (again.returncode, "--force" in again.stderr) == (1, True)
    nothing = backbone("batches", "retry-failed", batch_id, **server)
    assert (nothing.returncode, "failed" in nothing.stderr) == (1, True)


def test_what_is_wrong_is_told_with_its_place(
    backbone: Run, server: dict[str, str], small: Path, tmp_path: Path
) -> None:
    document = json.loads(small.read_text(encoding="utf-8"))
    lines = [
        {"custom_id": "good", "body": document},
        {"custom_id": "bad", "body": document | {"db_type": "oracle"}},
    ]
    path = tmp_path / "lines.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    said = backbone("batches", "submit", path, "--watch", **server)
    assert said.returncode == 1
    assert "line 2 (bad) /body/db_type:" in said.stderr
    assert "1 succeeded, 1 refused" in said.stderr
    submitted = backbone("batches", "submit", path, **server)
    assert submitted.returncode == 0  # there is a batch
    assert "line 2 (bad) /body/db_type:" in submitted.stderr
    strict = backbone("batches", "submit", path, "--strict", **server)
    assert strict.returncode == 1
    assert "1 line is wrong" in strict.stderr
    assert "line 2 (bad) /body/db_type:" in strict.stderr
    assert strict.stdout == ""
    document_alone = backbone("batches", "submit", small, **server)
    assert document_alone.returncode == 1
    assert "is one document" in document_alone.stderr
    path.write_text("\ufeff" + json.dumps(lines, indent=2), encoding="utf-8")
    as_list = backbone("batches", "submit", path, "--json", **server)
    assert (as_list.returncode, json.loads(as_list.stdout)["counts"]["total"]) == (0, 1)
    assert "line 2 (bad) /body/db_type:" in as_list.stderr
    missing = backbone("batches", "submit", tmp_path / "no.jsonl", **server)
    assert (missing.returncode, "Can't read" in missing.stderr) == (1, True)
    unknown = backbone("batches", "show", "batch_x", **server)
    assert (unknown.returncode, "no such batch" in unknown.stderr) == (1, True)
    assert backbone("batches", "submit", **server).returncode == 2


def test_a_file_that_is_not_json_is_named_and_the_others_run(
    backbone: Run, server: dict[str, str], folder: Path
) -> None:
    (folder / "broken.json").write_text("{", encoding="utf-8")
    said = backbone("batches", "submit", folder, "--json", **server)
    assert said.returncode == 0
    assert "broken.json: The file is not JSON" in said.stderr
    assert json.loads(said.stdout)["counts"]["total"] == 3
    strict = backbone("batches", "submit", folder, "--strict", **server)
    assert (strict.returncode, strict.stdout) == (1, "")
    assert "Nothing was handed in" in strict.stderr
    watched = backbone("batches", "submit", folder, "--watch", **server)
    assert watched.returncode == 1
    assert "1 file was not handed in." in watched.stderr
    for path in folder.glob("[!b]*.json"):
        path.unlink()
    nothing = backbone("batches", "submit", folder, **server)
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "Nothing was handed in" in nothing.stderr


def test_what_is_wrong_with_a_file_of_a_folder_is_told_with_its_name(
    backbone: Run, server: dict[str, str], folder: Path
) -> None:
    (folder / "a.json").write_text("{", encoding="utf-8")  # no line is made of it
    wrong = folder / "p.json"
    text = (folder / "one.json").read_text(encoding="utf-8")
    wrong.write_text(text.replace("sqlite", "oracle"), encoding="utf-8")
    place = f"line 2 ({wrong}) /body/db_type: 'oracle' is none of"
    said = backbone("batches", "submit", folder, **server)
    assert said.returncode == 0
    assert place in said.stderr
    (folder / "a.json").unlink()
    strict = backbone("batches", "submit", folder, "--strict", **server)
    assert strict.returncode == 1
    assert place in strict.stderr
    (batch, *_) = json.loads(backbone("batches", "list", "--json", **server).stdout)["items"]
    shown = backbone("batches", "show", batch["id"], **server)
    assert "line 2 (p) /body/db_type:" in shown.stdout


def test_a_batch_is_paused_resumed_and_cancelled(
    backbone: Run, server: dict[str, str], small: Path, tmp_path: Path
) -> None:
    document = json.loads(small.read_text(encoding="utf-8"))
    lines = [
        {"custom_id": str(number), "body": document | {"project_name": f"p{number}"}}
        for number in range(300)
    ]
    path = tmp_path / "lines.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    submitted = backbone("batches", "submit", path, "--json", **server)
    batch_id = json.loads(submitted.stdout)["id"]
    assert f"{batch_id} paused:" in backbone("batches", "pause", batch_id, **server).stdout

    # Ctrl-C leaves it as it is and says how to go on
    watching = subprocess.Popen(
        [Path(sys.executable).with_name("backbone"), "batches", "watch", batch_id],
        env=environment_without_settings() | server,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background may have had it ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - see above
    )
    assert watching.stderr is not None
    assert "300" in watching.stderr.readline()
    watching.send_signal(signal.SIGINT)
    _, said = watching.communicate(timeout=60)
    assert watching.returncode == 130
    assert f"backbone batches watch {batch_id}" in said
    assert "Traceback" not in said
    shown = json.loads(backbone("batches", "show", batch_id, "--json", **server).stdout)
    assert shown["status"] == "paused"
    assert f"{batch_id} running:" in backbone("batches", "resume", batch_id, **server).stdout

    backbone("batches", "cancel", batch_id, **server)
    deadline = time.monotonic() + 60
    while json.loads(backbone("batches", "show", batch_id, "--json", **server).stdout)[
        "status"
    ] != ("cancelled"):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    watched = backbone("batches", "watch", batch_id, **server)
    assert watched.returncode == 1
    assert "cancelled" in watched.stderr
