"""A report is shown in lines that say what went wrong."""

import click

from backbone.report_lines import report_lines


def check(name: str, outcome: str, **members: object) -> dict[str, object]:
    return {"name": name, "outcome": outcome, "engine": None, "seconds": 0.5, "reason": None} | {
        "output": "",
        "details": (),
        **members,
    }


def test_every_check_has_a_line_and_failures_say_why() -> None:
    report = {
        "checks": [
            check("compile", "passed"),
            check("schema", "failed", engine="sqlite", details=["users.name: length 80, not 40"]),
            check("tests", "failed", output="\n".join(f"line {n}" for n in range(50))),
            check("types", "skipped", reason="the project does not compile"),
        ],
        "isolation": ["bubblewrap", "rlimits"],
        "warnings": ["compiled only"],
    }
    lines = [click.unstyle(line) for line in report_lines(report)]
    assert lines[0].split() == ["compile", "ok", "0.50", "s"]
    assert lines[1].split()[:4] == ["schema", "on", "sqlite", "FAILED"]
    assert lines[2].strip() == "users.name: length 80, not 40"
    assert lines[-4].strip() == "line 49"
    assert "the project does not compile" in lines[-3]
    assert lines[-2:] == ["isolation: bubblewrap, rlimits", "warning: compiled only"]


def test_no_isolation_is_said_aloud() -> None:
    assert report_lines({"checks": [], "isolation": [], "warnings": []}) == ["isolation: none"]


def test_operations_pass_examples_and_are_proven_by_nothing() -> None:
    tried = {"shown": {"passed": 4, "total": 4}, "held_back": {"passed": 2, "total": 2}}
    made = {"name": "pay", "outcome": "passes", "written_by": "a model", "reason": None, **tried}
    stub = {"name": "ship", "outcome": "stub", "written_by": None, "reason": "no model", **tried}
    idle = made | {"name": "wait", "outcome": "not_tried", "reason": "it has no example"}
    lines = report_lines({"operations": [made, stub, idle], "isolation": ["rlimits"]})
    assert lines[:3] == [
        "operation pay: passes your examples, shown 4 of 4, held back 2 of 2; written by a model",
        "operation ship: a stub that answers 501 (no model)",
        "operation wait: not tried (it has no example), written by a model",
    ]


def test_own_code_has_examples_and_nothing_held_back() -> None:
    tried = {"shown": {"passed": 1, "total": 2}, "held_back": {"passed": 1, "total": 1}}
    made = {"name": "pay", "outcome": "passes", "written_by": "the caller", "reason": None, **tried}
    lines = report_lines({"operations": [made, made | {"outcome": "unproven", "reason": "why"}]})
    assert lines[:2] == [
        "operation pay: passes your examples, 2 of 3; written by the caller",
        "operation pay: unproven, passes 2 of 3 (why)",
    ]
