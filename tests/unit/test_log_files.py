"""Logs of the stack stay of bounded size."""

from pathlib import Path

from backbone.log_files import LogFiles


def test_lines_are_appended_and_a_full_file_begins_anew(tmp_path: Path) -> None:
    logs = LogFiles(tmp_path, largest_bytes=100)
    for number in range(30):
        logs.write("worker", f"line {number}")
    logs.write("api", "hello")
    logs.close()
    assert {path.name for path in tmp_path.iterdir()} == {"worker.log", "worker.log.1", "api.log"}
    assert (tmp_path / "api.log").read_text() == "hello\n"
    assert (tmp_path / "worker.log").read_text().endswith("line 29\n")
    assert all(path.stat().st_size <= 120 for path in tmp_path.iterdir())


def test_a_later_run_goes_on(tmp_path: Path) -> None:
    for line in ("first", "second"):
        logs = LogFiles(tmp_path)
        logs.write("api", line)
        logs.close()
    assert (tmp_path / "api.log").read_text() == "first\nsecond\n"
