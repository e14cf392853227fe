"""`backbone keys` and `backbone callers`: straight in the database, for people and for programs."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from backbone.background_stack import BackgroundStack
from backbone.main import cli
from common import clock
from common.callers import DEFAULT, CallerStore
from common.db.engine import make_engine
from common.db.migrate import migrate
from common.db.tables import api_keys
from common.errors import RequestError
from common.keys.api_key_setting import adopt_setting
from common.keys.store import KeyStore


class Machine:
    """A DATA_DIR with a database, and commands on it, in this process."""

    def __init__(self, folder: Path, database: Path) -> None:
        self.place = {"DATA_DIR": str(folder)}
        folder.mkdir()
        self.database = Path(shutil.copy(database, folder / "backbone.db"))

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments, env=self.place)

    def said(self, *arguments: str) -> Any:
        """What it prints, as JSON."""
        done = self.run(*arguments, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def make(self, *arguments: str) -> str:
        """The id of a fresh key."""
        made: str = self.said("keys", "create", "ci", *arguments)["id"]
        return made

    def state(self, key_id: str) -> str:
        states = {key["id"]: key["state"] for key in self.said("keys", "list")}
        return str(states[key_id])


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "backbone.db"
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def machine(tmp_path: Path, migrated: Path) -> Machine:
    return Machine(tmp_path / "var", migrated)


def test_a_key_is_made_with_an_end_rotated_and_revoked(machine: Machine) -> None:
    old = machine.make("--caller", "acme", "--expires-in", "90d")
    assert machine.state(old) == "ends"
    new = machine.said("keys", "rotate", old, "--overlap", "2h")
    assert (new["caller"], new["name"], new["state"]) == ("acme", "ci", "good")
    assert new["key"].startswith(new["prefix"])
    listed = {key["id"]: key for key in machine.said("keys", "list", "--caller", "acme")}
    assert listed[old]["replaced_by"] == new["id"]
    assert new["key"] not in json.dumps(listed)
    for_people = machine.run("keys", "list").stdout
    assert f"ends at {listed[old]['expires_at'][:10]}" in for_people
    done = machine.run("keys", "revoke", new["id"])
    assert (done.exit_code, done.stdout.split()[0]) == (0, new["id"])
    assert machine.state(new["id"]) == "revoked"
    again = machine.run("keys", "rotate", new["id"])
    assert isinstance(again.exception, RequestError)


def test_what_a_key_made_is_named_and_revoked_with_it(machine: Machine) -> None:
    doer = machine.make("--scopes", "admin")
    engine = make_engine(f"sqlite:///{machine.database}")
    caller = CallerStore(engine, clock.now).get(DEFAULT)
    made = KeyStore(engine, clock.now).create_key(caller, name="m", scopes=["admin"], by=doer)
    engine.dispose()
    listed = {key["id"]: key["made_by"] for key in machine.said("keys", "list")}
    assert listed == {doer: "the command line", made.key.id: doer}
    done = machine.run("keys", "revoke", doer)
    assert (done.exit_code, machine.state(made.key.id)) == (0, "good")
    assert f"It made keys that are good: {made.key.id}." in done.stderr
    done = machine.run("keys", "revoke", doer, "--and-made")
    assert (done.exit_code, machine.state(made.key.id)) == (0, "revoked")
    assert made.key.id in done.stdout
    assert "good" not in done.stderr


def test_what_commands_do_to_keys_is_logged(machine: Machine) -> None:
    made = machine.said("keys", "create", "ci")
    machine.run("keys", "revoke", made["id"])
    logged = (Path(machine.place["DATA_DIR"]) / "logs" / "backbone.log").read_text()
    events = [line.split("event=")[1] for line in logged.splitlines()]
    whose = f'key_id={made["id"]} caller_id=default by="the command line"'
    assert events == [f"key.made {whose}", f"key.revoked {whose}"]
    assert made["key"] not in logged


def test_a_log_that_cant_be_written_stops_no_command(machine: Machine) -> None:
    (Path(machine.place["DATA_DIR"]) / "logs").write_text("in the way")
    done = machine.run("keys", "create", "ci")
    assert done.exit_code == 0
    assert "Can't write" in done.stderr
    assert "event=key.made" in done.stderr


def test_all_keys_are_revoked_only_by_who_says_yes(machine: Machine) -> None:
    key = machine.make("--caller", "acme")
    refused = machine.run("keys", "revoke", "--all")
    assert (refused.exit_code, machine.state(key)) == (2, "good")
    assert "--yes" in refused.stderr
    unknown = machine.run("keys", "revoke", "--all", "--caller", "nobody", "--yes")
    assert (unknown.exit_code, machine.state(key)) == (1, "good")
    done = machine.run("keys", "revoke", "--all", "--yes")
    assert (done.exit_code, machine.state(key)) == (0, "revoked")
    assert done.stdout == "1 key and all tokens of everybody are revoked.\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("keys", "revoke"),
        ("keys", "revoke", "key_x", "--all", "--yes"),
        ("keys", "revoke", "key_x", "--caller", "acme"),
        ("keys", "revoke", "--all", "--and-made", "--yes"),
        ("keys", "create", "x", "--expires-in", "soon"),
        ("keys", "create", "x", "--expires-in", "99999w"),
        ("keys", "rotate", "key_x", "--overlap", "-1h"),
        ("callers", "limits", "default", "--generation", "often"),
        ("callers", "quota", "default", "--calls", "-1"),
    ],
    ids=" ".join,
)
def test_wrong_use_changes_nothing(machine: Machine, arguments: tuple[str, ...]) -> None:
    key = machine.make()
    assert machine.run(*arguments).exit_code == 2
    assert [(one["id"], one["state"]) for one in machine.said("keys", "list")] == [(key, "good")]


@pytest.mark.parametrize(
    "arguments",
    [("k", "--scopes", "nope"), (" k", "--scopes", "admin"), ("k", "--expires-in", "0m")],
    ids=" ".join,
)
def test_no_caller_is_made_for_a_key_that_is_not(
    machine: Machine, arguments: tuple[str, ...]
) -> None:
    refused = machine.run("keys", "create", "--caller", "typo", *arguments)
    assert refused.exit_code != 0
    assert machine.said("callers", "list") == []


def test_all_tokens_are_refused_also_where_only_the_command_line_has_been(
    machine: Machine,
) -> None:
    machine.make("--caller", "acme")
    machine.run("keys", "revoke", "--all", "--yes")
    machine.make("--caller", "unheard-of")
    shown = machine.said("callers", "show", "unheard-of")
    assert shown["tokens_valid_from"] is not None


def test_nothing_is_made_by_asking_for_what_is_not_there(tmp_path: Path) -> None:
    place = {"DATA_DIR": str(tmp_path / "var")}
    for arguments in (
        ("keys", "revoke", "key_x"),
        ("keys", "rotate", "key_x"),
        ("callers", "show", "acme"),
        ("callers", "limits", "acme"),
    ):
        refused = CliRunner().invoke(cli, arguments, env=place)
        assert (refused.exit_code, len(refused.stderr.splitlines())) == (1, 1), arguments
    assert CliRunner().invoke(cli, ("callers", "list", "--json"), env=place).stdout == "[]\n"
    assert list(tmp_path.iterdir()) == []


def test_limits_of_a_caller_are_set_and_taken_back(machine: Machine) -> None:
    machine.make("--caller", "acme")
    own = ("--generation", "20/minute;200/hour", "--validation", "5/second")
    limits = machine.said("callers", "limits", "acme", *own)["limits"]
    assert limits == {
        "authenticated": "usual",
        "generation": "20/minute;200/hour",
        "validation": "5/second",
    }
    machine.said("callers", "limits", "acme", "--validation", "usual")
    shown = machine.said("callers", "show", "acme")
    assert shown["limits"]["validation"] is None
    (listed,) = machine.said("callers", "list")
    assert listed == shown
    assert "generation 20/minute;200/hour" in machine.run("callers", "list").stdout
    assert "20/minute;200/hour" in machine.run("callers", "show", shown["id"]).stdout


def test_old_keys_are_pointed_out(machine: Machine) -> None:
    key, young = machine.make(), machine.make()
    engine = make_engine(f"sqlite:///{machine.database}")
    with engine.begin() as connection:
        long_ago = clock.now() - timedelta(days=91)
        old = api_keys.update().where(api_keys.c.id == key).values(created_at=long_ago)
        connection.execute(old)
    engine.dispose()
    listed = machine.run("keys", "list")
    assert f"Older than 90 days: {key}." in listed.stderr
    assert "good, but old" in listed.stdout
    looked = machine.run("doctor", "--json")
    (found,) = [part for part in json.loads(looked.stdout) if part["part"] == "keys"]
    assert found["state"] == "old"
    assert key in found["detail"]
    assert young not in found["detail"]


def test_a_start_says_that_the_api_key_was_revoked(tmp_path: Path, migrated: Path) -> None:
    machine = Machine(tmp_path / "var", migrated)
    api_key = "a-key-that-somebody-took-back-in-a-test"
    engine = make_engine(f"sqlite:///{machine.database}")
    callers = CallerStore(engine, clock.now)
    key = adopt_setting(engine, clock.now, callers.ensure(DEFAULT), api_key)
    KeyStore(engine, clock.now).revoke_key(key.id)
    engine.dispose()
    with BackgroundStack(tmp_path / "var", {"API_KEY": api_key}) as stack:
        url = f"{stack.api_url}/api/v1/jobs"
        assert httpx.get(url, headers={"X-API-Key": api_key}).status_code == 401
        stack.stop()
        said = (stack.folder / "up.log").read_text(encoding="utf-8")
    assert f"API_KEY   is revoked ({key.id})" in said
    assert "backbone keys create" in said
    assert api_key not in said
