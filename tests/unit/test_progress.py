"""Progress is a moving bar on a terminal and plain lines elsewhere."""

import io

from rich.console import Console

from backbone.progress import JobProgress


def job(status: str, stage: str | None = None, done: int = 0, total: int = 0) -> dict[str, object]:
    return {"status": status, "stage": stage, "progress": {"done": done, "total": total}}


def shown(console: Console, *, quiet: bool = False) -> None:
    with JobProgress(console, quiet=quiet) as progress:
        progress.show_job(job("queued"))
        progress.show_job(job("running", "plan"))
        progress.show_job(job("running", "verify", 2, 7))
        progress.show_job(job("running", "verify", 2, 7))
        progress.show_job(job("succeeded", "package"))


def test_a_pipe_gets_one_line_for_each_change() -> None:
    written = io.StringIO()
    shown(Console(file=written, force_terminal=False, width=80))
    lines = [line.partition(" s  ")[2] for line in written.getvalue().splitlines()]
    assert lines == ["queued", "running: plan", "running: verify 2/7", "succeeded"]
    assert "\x1b" not in written.getvalue()


def test_a_terminal_gets_a_bar() -> None:
    written = io.StringIO()
    shown(Console(file=written, force_terminal=True, width=80))
    assert "\x1b[" in written.getvalue()
    assert "succeeded" in written.getvalue()


def test_programs_get_nothing() -> None:
    written = io.StringIO()
    shown(Console(file=written, force_terminal=False), quiet=True)
    assert written.getvalue() == ""


def test_events_are_told_with_their_own_times() -> None:
    written = io.StringIO()
    with JobProgress(Console(file=written, force_terminal=False, width=80)) as progress:
        for second, event in ((58, job("queued")), (59, job("running", "plan"))):
            progress.show_job(event | {"at": f"2026-01-02T03:04:{second}.500Z"})
        progress.show_job(job("succeeded") | {"at": "2026-01-02T03:05:01Z"})
    assert written.getvalue().split("\n")[:3] == [
        "   0.0 s  queued",
        "   1.0 s  running: plan",
        "   2.5 s  succeeded",
    ]
