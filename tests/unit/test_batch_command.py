"""What the command makes of batches, without a server: files in, files out, progress."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from backbone.batch_client import ResultPage
from backbone.batch_files import BatchFiles
from backbone.batch_progress import BatchProgress, counts_in_words
from backbone.batch_results import ResultFile, ResultsError
from backbone.documents import FileUnreadableError


class TestFiles:
    def test_of_a_folder_are_lines_by_their_names(self, tmp_path: Path) -> None:
        document = {"project_name": "x", "text": "a\nb"}
        (tmp_path / "b.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
        (tmp_path / 'a "b".json').write_bytes(b'\xef\xbb\xbf{"a":\r\n1}')
        (tmp_path / "broken.json").write_text('{"a": "x\ny"}', encoding="utf-8")
        (tmp_path / "readme.txt").write_text("no", encoding="utf-8")
        (tmp_path / "._b.json").write_bytes(b"what macOS leaves behind")
        files = BatchFiles(str(tmp_path))
        text = b"".join(files.lines())
        lines = [json.loads(line) for line in text.splitlines()]
        assert lines == [
            {"custom_id": 'a "b"', "body": {"a": 1}},
            {"custom_id": "b", "body": document},
        ]
        [wrong] = files.unreadable
        assert "broken.json: The file is not JSON" in wrong

    def test_are_sent_as_they_are(self, tmp_path: Path) -> None:
        path = tmp_path / "x.jsonl"
        path.write_bytes(b"{}\r\n\xff\n")
        assert b"".join(BatchFiles(str(path)).lines()) == b"{}\r\n\xff\n"

    def test_that_are_not_there(self, tmp_path: Path) -> None:
        for name in (str(tmp_path), str(tmp_path / "no.jsonl")):
            with pytest.raises(FileUnreadableError):
                list(BatchFiles(name).lines())


class TestResultFile:
    def test_goes_on_where_it_ended(self, tmp_path: Path) -> None:
        path = tmp_path / "deep" / "results.jsonl"
        with ResultFile(path, "batch_1", force=False) as file:
            assert file.cursor == ""
            file.append(ResultPage(b"1\n2\n", "c2", complete=False))
        with path.open("ab") as interrupted:
            interrupted.write(b"half a li")
        with ResultFile(path, "batch_1", force=False) as file:
            assert file.cursor == "c2"
            file.append(ResultPage(b"3\n", "c3", complete=True))
        assert path.read_bytes() == b"1\n2\n3\n"

    def test_leaves_alone_what_is_not_its_own(self, tmp_path: Path) -> None:
        path = tmp_path / "results.jsonl"
        path.write_text("mine")
        with pytest.raises(ResultsError, match="--force"):
            ResultFile(path, "batch_1", force=False)
        with ResultFile(path, "batch_1", force=True) as file:
            file.append(ResultPage(b"1\n", "c1", complete=False))
        with pytest.raises(ResultsError, match="--force"):
            ResultFile(path, "batch_2", force=False)
        assert path.read_bytes() == b"1\n"
        path.write_text("")  # shorter than it was
        with pytest.raises(ResultsError, match="--force"):
            ResultFile(path, "batch_1", force=False)

    def test_that_can_not_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with (
            pytest.raises(ResultsError, match="Can't write"),
            ResultFile(tmp_path / "file" / "x", "batch_1", force=False),
        ):
            pass


def batch(status: str, **counts: int) -> dict[str, Any]:
    names = ("queued", "running", "deferred", "succeeded", "failed", "cancelled")
    every = {name: counts.get(name, 0) for name in names}
    return {
        "status": status,
        "held_reason": "batch_paused" if status == "paused" else None,
        "counts": {"total": sum(every.values()), **every},
        "refused_count": counts.get("refused", 0),
    }


def test_counts_are_told_in_words() -> None:
    told = counts_in_words(batch("running", queued=2, failed=1, refused=3))
    assert told == "1 failed, 2 queued, 3 refused"


def shown(console: Console, *, quiet: bool = False) -> None:
    with BatchProgress(console, quiet=quiet) as progress:
        progress.show(batch("running", queued=3))
        progress.show(batch("running", queued=1, running=1, succeeded=1))
        progress.show(batch("running", queued=1, running=1, succeeded=1))
        progress.show(batch("paused", queued=1, failed=1, succeeded=1))


def test_a_pipe_gets_one_line_for_each_change() -> None:
    written = io.StringIO()
    shown(Console(file=written, force_terminal=False, width=80))
    lines = [line.partition(" s  ")[2] for line in written.getvalue().splitlines()]
    assert lines == [
        "running 0/3  3 queued",
        "running 1/3  1 succeeded, 1 running, 1 queued",
        "paused (batch_paused) 2/3  1 succeeded, 1 failed, 1 queued",
    ]
    assert "\x1b" not in written.getvalue()


def test_a_terminal_gets_a_bar_and_programs_get_nothing() -> None:
    written = io.StringIO()
    shown(Console(file=written, force_terminal=True, width=120))
    assert "\x1b[" in written.getvalue()
    assert "2/3" in written.getvalue()
    silent = io.StringIO()
    shown(Console(file=silent, force_terminal=False), quiet=True)
    assert silent.getvalue() == ""
