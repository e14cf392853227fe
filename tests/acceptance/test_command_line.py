"""The commands: what they print for people and programs, and the status that they end with."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import pytest

from backbone.background_stack import BackgroundStack
from backbone.client import Client

Run = Callable[..., subprocess.CompletedProcess[str]]

WRONG = {
    "project_name": "wrong",
    "db_type": "sqlite",
    "schema": [
        {
            "table_name": "things",
            "class_name": "Thing",
            "columns": [
                {"name": "id", "type": "Integer", "primary_key": True},
                {"name": "size", "type": "Intger"},
            ],
        }
    ],
}


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(WRONG), encoding="utf-8")
    return path


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.json"
    path.write_text('{"project_name": "x", ', encoding="utf-8")
    return path


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def files_in(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_version(backbone: Run) -> None:
    said = backbone("version")
    assert said.stdout.startswith("backbone 0.")
    assert said.returncode == 0


def test_help_lists_every_command(backbone: Run) -> None:
    said = backbone("--help")
    assert said.returncode == 0
    for command in (
        "up",
        "generate",
        "submit",
        "validate",
        "jobs",
        "batches",
        "keys",
        "token",
        "version",
    ):
        assert f"\n  {command} " in said.stdout
        assert backbone(command, "--help").returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["validate"],
        ["jobs"],
        ["jobs", "show"],
        ["submit", "--key", "secret", "x.json"],
        ["jobs", "list", "--limit", "0"],
    ],
)
def test_wrong_use_is_status_2(backbone: Run, arguments: list[str]) -> None:
    refused = backbone(*arguments)
    assert refused.returncode == 2
    assert refused.stderr


def test_validate_a_good_document(backbone: Run, blog: Path) -> None:
    said = backbone("validate", blog)
    assert (said.returncode, said.stderr) == (0, "")
    assert "valid" in said.stdout
    as_json = json.loads(backbone("validate", blog, "--json").stdout)
    assert as_json["valid"] is True
    assert as_json["errors"] == []
    assert set(as_json["build_order"]) >= {"users", "posts"}


def test_validate_needs_no_store(backbone: Run, blog: Path) -> None:
    assert backbone("validate", blog, DATABASE_URL="mysql://of.another/project").returncode == 0


def test_validate_from_standard_input(backbone: Run, blog: Path) -> None:
    said = backbone("validate", "-", "--json", stdin=blog.read_text(encoding="utf-8"))
    assert said.returncode == 0
    assert json.loads(said.stdout)["valid"] is True


def test_validate_says_where_a_document_is_wrong(backbone: Run, wrong: Path) -> None:
    said = backbone("validate", wrong)
    assert said.returncode == 1
    assert said.stdout == ""
    assert "/schema/0/columns/1/type" in said.stderr
    as_json = backbone("validate", wrong, "--json")
    assert as_json.returncode == 1
    findings = json.loads(as_json.stdout)
    assert findings["valid"] is False
    assert [error["pointer"] for error in findings["errors"]] == ["/schema/0/columns/1/type"]


@pytest.mark.parametrize("command", ["validate", "generate", "submit"])
def test_a_missing_file_is_one_clear_message(backbone: Run, command: str, tmp_path: Path) -> None:
    refused = backbone(command, tmp_path / "none.json", BACKBONE_URL="http://127.0.0.1:1")
    assert refused.returncode == 1
    assert (
        refused.stderr.strip() == f"Can't read {tmp_path / 'none.json'}: no such file or directory"
    )


@pytest.mark.parametrize("command", ["validate", "generate"])
def test_broken_json_is_one_clear_message(backbone: Run, command: str, broken: Path) -> None:
    refused = backbone(command, broken)
    assert refused.returncode == 1
    assert "JSON" in refused.stderr
    assert len(refused.stderr.splitlines()) <= 2


def test_submit_broken_json_and_a_wrong_document(
    backbone: Run, broken: Path, wrong: Path, server: dict[str, str]
) -> None:
    refused = backbone("submit", broken, **server)
    assert refused.returncode == 1
    assert refused.stderr.startswith("400: ")
    refused = backbone("submit", wrong, **server)
    assert refused.returncode == 1
    assert refused.stderr.startswith("422: ")
    assert "/schema/0/columns/1/type: " in refused.stderr


def test_no_server_is_one_clear_message(backbone: Run, blog: Path) -> None:
    for arguments in (["submit", blog], ["jobs", "list"], ["jobs", "watch", "job_x"]):
        refused = backbone(*arguments, BACKBONE_URL="http://127.0.0.1:1")
        assert refused.returncode == 1
        assert refused.stderr.startswith("No server answers at http://127.0.0.1:1")
        assert len(refused.stderr.splitlines()) == 1


def test_an_unknown_key_is_one_clear_message(backbone: Run, stack: BackgroundStack) -> None:
    for settings in ({}, {"BACKBONE_API_KEY": "nobody-ever-made-this-key-0123456789"}):
        refused = backbone("jobs", "list", BACKBONE_URL=stack.api_url, **settings)
        assert refused.returncode == 1
        assert refused.stderr.startswith("401: ")
        assert "BACKBONE_API_KEY" in refused.stderr


def test_generate_writes_exactly_the_files_of_the_zip(
    backbone: Run, blog: Path, tmp_path: Path, server: dict[str, str]
) -> None:
    here = tmp_path / "here"
    made = backbone("generate", blog, "-o", here, "--json")
    assert made.returncode == 0, made.stderr
    outcome = json.loads(made.stdout)
    assert {check["outcome"] for check in outcome["report"]["checks"]} == {"passed"}

    submitted = backbone("submit", blog, "--wait", "--json", **server)
    assert submitted.returncode == 0, submitted.stderr
    job = json.loads(submitted.stdout)
    archive = tmp_path / "there.zip"
    assert backbone("jobs", "download", job["id"], "-o", archive, **server).returncode == 0
    assert files_below(here) == files_in(archive.read_bytes())
    there = tmp_path / "there"
    assert backbone("jobs", "download", job["id"], "-o", there, **server).returncode == 0
    assert files_below(there) == files_below(here)


def test_generate_refuses_a_foreign_folder_before_it_does_anything(
    backbone: Run, wrong: Path, tmp_path: Path
) -> None:
    """It has not even looked at the document, which is none."""
    target = tmp_path / "mine"
    target.mkdir()
    (target / "thesis.txt").write_text("years of work")
    refused = backbone("generate", wrong, "-o", target)
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert "/schema" not in refused.stderr
    assert files_below(target) == {"thesis.txt": b"years of work"}


@pytest.mark.long
def test_generate_refuses_an_edited_project_before_it_does_anything(
    backbone: Run, blog: Path, tmp_path: Path
) -> None:
    target = tmp_path / "blog"
    made = backbone("generate", blog, "-o", target)
    assert made.returncode == 0, made.stderr
    written = files_below(target)
    assert backbone("generate", blog, "-o", target).returncode == 0
    (target / "blog.db").write_bytes(b"rows")
    with (target / "app" / "main.py").open("a") as file:
        file.write("# mine\n")
    edited = files_below(target)
    refused = backbone("generate", blog, "-o", target)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "blog.db, app/main.py; use --force to lose them" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert files_below(target) == edited
    assert backbone("generate", blog, "-o", target, "--force").returncode == 0
    assert files_below(target) == written


@pytest.mark.parametrize("command", ["validate", "generate"])
def test_a_prompt_is_told_from_a_document(backbone: Run, command: str, tmp_path: Path) -> None:
    prompt = tmp_path / "prompt.json"
    prompt.write_text('{"prompt": "A library"}', encoding="utf-8")
    refused = backbone(command, prompt)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "`backbone design`" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_generate_of_a_wrong_document_writes_nothing(
    backbone: Run, wrong: Path, tmp_path: Path
) -> None:
    refused = backbone("generate", wrong, "-o", tmp_path / "out")
    assert refused.returncode == 1
    assert "/schema/0/columns/1/type" in refused.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["wrong.json"]


def test_a_name_in_a_document_neither_speaks_to_a_terminal_nor_forges_a_line(
    backbone: Run, tmp_path: Path
) -> None:
    names = {"a\x1b[31mRED\x07\u202e": 1, "b\nFAKE: ok": 2}
    document = {"project_name": "x", "db_type": "sqlite", "schema": []} | names
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    for command in ("validate", "generate"):
        said = backbone(command, path).stderr
        assert r"/b\nFAKE: ok: " in said
        assert all(line.isprintable() for line in said.splitlines())
        assert not any(line.startswith("FAKE") for line in said.splitlines())


def test_doctor_says_what_is_there(backbone: Run, tmp_path: Path) -> None:
    said = backbone("doctor", "--json", DATA_DIR=str(tmp_path / "var"), ENGINE_MYSQL_URL="none")
    assert (said.returncode, said.stderr) == (0, "")
    found = {finding["part"]: finding for finding in json.loads(said.stdout)}
    assert found["queue"]["state"] == "ok"
    assert found["mysql"]["state"] == "absent"
    assert "ENGINE_MYSQL_URL" in found["mysql"]["detail"]
    assert not (tmp_path / "var").exists()


def test_doctor_says_which_model_does_what(backbone: Run) -> None:
    def models(**settings: str) -> list[tuple[str, str]]:
        found = json.loads(backbone("doctor", "--json", **settings).stdout)
        return [(each["state"], each["detail"]) for each in found if each["part"] == "model"]

    own = {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "OPENAI_MODEL": "mine"}
    assert models(DEFAULT_LLM_PROVIDER="openai", IMPLEMENT_LLM_MODEL="other", **own) == [
        ("ok", "openai:mine for design"),
        ("ok", "openai:other for implement"),
    ]
    assert models(DESIGN_LLM_MODEL="openai:other", **own) == [
        ("ok", "openai:other for design"),
        ("absent", "none for implement"),
    ]
    [(state, told)] = models()
    assert state == "absent"
    assert "DEFAULT_LLM_PROVIDER" in told


def test_doctor_finds_a_database_of_a_newer_version(backbone: Run, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "backbone.db") as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.close()
    said = backbone("doctor", DATA_DIR=str(tmp_path))
    assert said.returncode == 1
    assert "a newer one has been here" in said.stdout
    up = backbone("up", DATA_DIR=str(tmp_path), API_PORT="0", FLOWER_PORT="0")
    assert up.returncode == 1
    assert "a newer one has been here" in up.stderr
    assert "Traceback" not in up.stderr


def test_doctor_finds_what_does_not_answer(backbone: Run, tmp_path: Path) -> None:
    broken = {"REDIS_URL": "redis://127.0.0.1:1/0", "DATA_DIR": str(tmp_path)}
    said = backbone("doctor", DATABASE_URL="postgresql://127.0.0.1:1/nothing", **broken)
    assert said.returncode == 1
    assert {line.split()[0] for line in said.stdout.splitlines() if "broken" in line} == {
        "database",
        "queue",
    }
    wrong = backbone("doctor", API_PORT="many")
    assert wrong.returncode == 1
    assert "API_PORT" in wrong.stdout


def test_doctor_asks_about_a_name_that_is_nearly_a_setting(backbone: Run) -> None:
    said = backbone("doctor", ALOWED_IPS="127.0.0.1")
    assert said.returncode == 0
    asked = "ALOWED_IPS is not a setting; is ALLOWED_IPS meant?"
    assert asked in said.stdout
    broken = backbone("doctor", ALOWED_IPS="127.0.0.1", API_PORT="many")
    assert broken.returncode == 1
    assert asked in broken.stdout


def test_doctor_refuses_what_nothing_starts_with(backbone: Run) -> None:
    said = backbone("doctor", ENVIRONMENT="production", ENABLE_AUTH="false")
    assert said.returncode == 1
    assert "ENABLE_AUTH: must not be off in production" in said.stdout


def test_generate_into_an_unwritable_place_is_one_clear_message(
    backbone: Run, blog: Path, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    refused = backbone("generate", blog, "-o", in_the_way / "out")
    assert refused.returncode == 1
    assert "Can't write" in refused.stderr


def test_progress_in_a_pipe_is_plain_lines(
    backbone: Run, small: Path, server: dict[str, str]
) -> None:
    said = backbone("submit", small, "--wait", **server)
    assert said.returncode == 0, said.stderr
    assert "\x1b" not in said.stdout + said.stderr
    assert "succeeded" in said.stdout
    lines = said.stderr.splitlines()
    assert lines
    assert all(re.fullmatch(r" *\d+\.\d s  (queued|running.*|succeeded)", line) for line in lines)


def test_jobs_are_listed_and_shown(backbone: Run, small: Path, server: dict[str, str]) -> None:
    job_id = backbone("submit", small, **server).stdout.split()[0]
    listed = backbone("jobs", "list", "--limit", "1", **server)
    assert listed.stdout.split()[0] == job_id
    for_people = backbone("jobs", "show", job_id, **server).stdout
    assert job_id in for_people
    assert "{" not in for_people
    shown = json.loads(backbone("jobs", "show", job_id, "--json", **server).stdout)
    assert shown["id"] == job_id
    cancelled = backbone("jobs", "cancel", job_id, **server)
    assert cancelled.returncode == 0
    watched = backbone("jobs", "watch", job_id, "--json", **server)
    status = json.loads(watched.stdout)["status"]
    assert status in {"cancelled", "succeeded"}
    assert watched.returncode == (0 if status == "succeeded" else 1)
    listed = backbone("jobs", "list", "--status", status, "--json", **server)
    assert job_id in [job["id"] for job in json.loads(listed.stdout)["items"]]


def test_nothing_is_missed_by_who_comes_late(
    backbone: Run, small: Path, server: dict[str, str]
) -> None:
    job_id = backbone("submit", small, "--wait", **server).stdout.split()[0]
    watched = backbone("jobs", "watch", job_id, **server)
    assert watched.returncode == 0
    told = [line.partition(" s  ")[2] for line in watched.stderr.splitlines()]
    with Client(server["BACKBONE_URL"], server["BACKBONE_API_KEY"]) as client:
        events = list(client.follow(job_id))
    happened = []
    for event in events:
        words = f"running: {event['stage']}" if event["stage"] else event["status"]
        if event["progress"]["total"] and event["status"] == "running":
            words += f" {event['progress']['done']}/{event['progress']['total']}"
        happened.append(words)
    assert told == [words for words, _ in groupby(happened)]
    assert told[0] == "queued"
    assert told[-1] == "succeeded"


def test_a_finished_job_is_not_cancelled_and_that_is_said(
    backbone: Run, small: Path, server: dict[str, str]
) -> None:
    job_id = backbone("submit", small, "--wait", **server).stdout.split()[0]
    said = backbone("jobs", "cancel", job_id, **server)
    assert said.returncode == 0
    assert said.stdout == f"{job_id} succeeded: The job had finished already; it is succeeded.\n"
    refused = backbone("jobs", "retry", job_id, **server)
    assert refused.returncode == 1
    assert refused.stderr.startswith("409: The job is succeeded;")


def test_a_failed_job_is_retried(
    backbone: Run, small: Path, server: dict[str, str], tmp_path: Path
) -> None:
    document = json.loads(small.read_text(encoding="utf-8"))
    document |= {"db_type": "mssql", "run": {"verify": "fast", "require_engine": True}}
    path = tmp_path / "failing.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    failed = json.loads(backbone("submit", path, "--wait", "--json", **server).stdout)
    assert failed["status"] == "failed", failed
    retried = backbone("jobs", "retry", failed["id"], "--watch", "--json", **server)
    assert retried.returncode == 1
    job = json.loads(retried.stdout)
    assert (job["retry_of"], job["status"]) == (failed["id"], "failed")
    again = backbone("jobs", "retry", job["id"], **server).stdout
    assert re.fullmatch(r"job_\w{26} queued\n", again)
    listed = backbone("jobs", "list", "--batch", "batch_x", "--json", **server)
    assert json.loads(listed.stdout)["items"] == []


def test_operations_report_and_document_of_a_job_are_shown(
    backbone: Run, root: Path, server: dict[str, str], tmp_path: Path
) -> None:
    path = root / "tests" / "golden" / "documents" / "operations.json"
    said = backbone("submit", path, "--wait", **server)
    assert said.returncode == 0, said.stderr
    job_id = said.stdout.split()[0]
    lines = [line.strip() for line in said.stdout.splitlines()]
    told = [line for line in lines if line.startswith("operation ")]
    assert sorted(("passes your examples" in line, "a stub" in line) for line in told) == [
        (False, True),
        *[(True, False)] * 3,
    ]
    assert set(told) <= set(backbone("jobs", "show", job_id, **server).stdout.splitlines())
    report = backbone("jobs", "report", job_id, **server).stdout.splitlines()
    assert set(told) <= set(report)
    assert report[0].startswith("compile ")
    as_json = json.loads(backbone("jobs", "report", job_id, "--json", **server).stdout)
    assert len(as_json["operations"]) == len(told)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert json.loads(backbone("jobs", "document", job_id, **server).stdout) == document
    copy = tmp_path / "copy.json"
    assert backbone("jobs", "document", job_id, "-o", copy, **server).stdout == ""
    assert json.loads(copy.read_text(encoding="utf-8")) == document


def test_an_unknown_job_is_one_clear_message(backbone: Run, server: dict[str, str]) -> None:
    for command in ("show", "watch", "cancel", "retry", "download", "report", "document"):
        refused = backbone("jobs", command, "job_00000000000000000000000000", **server)
        assert refused.returncode == 1
        assert refused.stderr.startswith("404: ")


def test_keys_are_made_listed_and_good(
    backbone: Run, stack: BackgroundStack, server: dict[str, str]
) -> None:
    place = {"DATA_DIR": str(stack.folder)}
    made = json.loads(
        backbone("keys", "create", "ci", "--scopes", "jobs:read", "--json", **place).stdout
    )
    assert made["scopes"] == ["jobs:read"]
    listed = json.loads(backbone("keys", "list", "--json", **place).stdout)
    assert made["id"] in [key["id"] for key in listed]
    assert made["key"] not in json.dumps(listed)
    for_people = backbone("keys", "list", **place).stdout
    assert made["id"] in for_people
    assert made["key"] not in for_people
    reading = server | {"BACKBONE_API_KEY": made["key"]}
    assert backbone("jobs", "list", **reading).returncode == 0
    refused = backbone("jobs", "cancel", "job_00000000000000000000000000", **reading)
    assert refused.stderr.startswith("403: ")


def test_looking_makes_no_database(backbone: Run, tmp_path: Path) -> None:
    place = {"DATA_DIR": str(tmp_path / "var")}
    listed = backbone("keys", "list", "--json", **place)
    assert (listed.returncode, json.loads(listed.stdout)) == (0, [])
    assert "no database" in listed.stderr
    refused = backbone("callers", "quota", "alice", "--calls", "5", **place)
    assert refused.returncode == 1
    assert "`backbone keys create KEY --caller alice`" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_quotas_are_set_and_taken_back(backbone: Run, tmp_path: Path) -> None:
    place = {"DATA_DIR": str(tmp_path / "var")}
    assert backbone("keys", "create", "laptop", "--caller", "alice", **place).returncode == 0

    def quotas(*wanted: str) -> list[str]:
        said = backbone("callers", "quota", "alice", *wanted, **place)
        return [" ".join(line.split()) for line in said.stdout.splitlines()]

    wanted = ("--calls", "20", "--cost", "1.5", "--tokens", "unlimited")
    assert sorted(quotas(*wanted)) == ["calls 20", "cost_usd 1.5", "tokens unlimited"]
    assert "calls usual" in quotas("--calls", "usual")


def test_a_token_may_do_what_it_was_made_for(backbone: Run, server: dict[str, str]) -> None:
    made = backbone("token", "create", "--scopes", "validate", "--json", **server)
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["scopes"] == ["validate"]
    for_people = backbone("token", "create", **server)
    assert for_people.stdout.count(".") == 2
    assert "generate" in for_people.stderr
    refused = backbone("token", "create", "--scopes", "everything", **server)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "/scopes/0" in refused.stderr


def test_a_key_of_an_unknown_scope_is_refused(backbone: Run, tmp_path: Path) -> None:
    refused = backbone("keys", "create", "x", "--scopes", "everything", DATA_DIR=str(tmp_path))
    assert refused.returncode == 1
    assert "everything" in refused.stderr
