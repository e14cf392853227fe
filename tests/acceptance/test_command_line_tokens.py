"""`backbone token`: taking tokens back, and changing the secret that signs them."""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from backbone.background_stack import BackgroundStack
from backbone.data_folder import DataFolder
from backbone.stack import Stack, plan_stack
from common.settings import Settings

Run = Callable[..., subprocess.CompletedProcess[str]]
SET = "a-secret-that-somebody-set-for-tokens-here"


def status(stack: BackgroundStack, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{stack.api_url}/api/v1/jobs", headers=headers).status_code


@pytest.fixture
def made(backbone: Run, server: dict[str, str]) -> str:
    created = backbone("token", "create", "--scopes", "jobs:read", **server)
    assert created.returncode == 0, created.stderr
    return created.stdout.strip()


def test_a_token_is_taken_back_by_its_callers_key(
    stack: BackgroundStack, backbone: Run, server: dict[str, str], made: str
) -> None:
    assert status(stack, made) == 200
    revoked = backbone("token", "revoke", stdin=f"{made}\n", **server)
    assert (revoked.returncode, revoked.stdout) == (0, "revoked\n")
    assert status(stack, made) == 401


def test_a_token_takes_itself_back_without_a_key(
    stack: BackgroundStack, backbone: Run, made: str
) -> None:
    revoked = backbone("token", "revoke", BACKBONE_URL=stack.api_url, BACKBONE_TOKEN=made)
    assert (revoked.returncode, revoked.stdout) == (0, "revoked\n")
    assert status(stack, made) == 401


def test_what_can_not_be_taken_back_is_said(backbone: Run, server: dict[str, str]) -> None:
    nothing = backbone("token", "revoke", stdin="eyJ0.eyJ9.x", **server)
    assert nothing.returncode == 1
    assert "Nothing to revoke" in nothing.stderr
    for wrong in (" \n", "a.b.c\nd.e.f", "\xff\xfe.x.y"):
        refused = backbone("token", "revoke", stdin=wrong, **server)
        assert refused.returncode == 2, wrong
        assert "token" in refused.stderr
    assert backbone("token", "revoke", "a.b.c", **server).returncode == 2  # never an argument


@pytest.fixture
def plan(tmp_path: Path) -> Callable[..., Stack]:
    """What `backbone up` would run in a folder."""

    def plan_it(**settings: object) -> Stack:
        folder = DataFolder(tmp_path / "data")
        try:
            made = Settings(
                _env_file=None, data_dir=tmp_path / "data", api_port=0, flower_port=0, **settings
            )
            stack = plan_stack(made, folder)
            stack.api_socket.close()
            return stack
        finally:
            folder.release()

    return plan_it


def secrets_of(stack: Stack) -> tuple[str | None, str | None]:
    """The secret for tokens, and the one before."""
    now, before = stack.settings.jwt_secret_key, stack.settings.jwt_secret_key_previous
    return now and now.get_secret_value(), before and before.get_secret_value()


def test_the_secret_of_the_local_stack_is_changed_with_an_overlap(
    backbone: Run, plan: Callable[..., Stack], tmp_path: Path
) -> None:
    first, none = secrets_of(plan())
    assert none is None
    rotated = backbone("token", "rotate-secret", DATA_DIR=str(tmp_path / "data"))
    assert rotated.returncode == 0, rotated.stderr
    assert "started again" in rotated.stdout
    stack = plan()
    second, previous = secrets_of(stack)
    assert second != first
    assert previous == first
    assert stat.S_IMODE((tmp_path / "data" / "secrets.json").stat().st_mode) == 0o600
    knowing = {program.name for program in stack.programs if first in program.environment.values()}
    assert knowing == {"api"}
    ended = backbone("token", "rotate-secret", "--end-overlap", DATA_DIR=str(tmp_path / "data"))
    assert ended.returncode == 0, ended.stderr
    assert secrets_of(plan()) == (second, None)
    for said in (rotated, ended):
        assert not {first, second} & set((said.stdout + said.stderr).split())


def test_a_secret_that_somebody_set_is_changed_where_it_is_set(
    backbone: Run, plan: Callable[..., Stack], tmp_path: Path
) -> None:
    kept, _ = secrets_of(plan())
    folder = str(tmp_path / "data")
    assert backbone("token", "rotate-secret", DATA_DIR=folder).returncode == 0
    assert secrets_of(plan(jwt_secret_key=SET)) == (SET, None)  # what is kept is none of its
    both = plan(jwt_secret_key=SET, jwt_secret_key_previous=f"{SET}-before")
    assert secrets_of(both) == (SET, f"{SET}-before")
    before = json.loads((tmp_path / "data" / "secrets.json").read_text())
    refused = backbone("token", "rotate-secret", DATA_DIR=folder, JWT_SECRET_KEY=SET)
    assert refused.returncode == 1
    assert "JWT_SECRET_KEY_PREVIOUS" in refused.stderr
    assert json.loads((tmp_path / "data" / "secrets.json").read_text()) == before
    assert kept == before["jwt_secret_key_previous"]


def test_without_a_secret_there_is_none_to_change(backbone: Run, tmp_path: Path) -> None:
    for more in ((), ("--end-overlap",)):
        refused = backbone("token", "rotate-secret", *more, DATA_DIR=str(tmp_path / "nowhere"))
        assert refused.returncode == 1
        assert "has no secrets yet" in refused.stderr
    assert not (tmp_path / "nowhere").exists()


def test_a_data_folder_that_was_there_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    DataFolder(folder).release()
    assert folder.stat().st_mode & 0o777 == 0o750
    of_others = tmp_path / "others"
    of_others.mkdir(mode=0o755)
    (of_others / "README").touch()
    DataFolder(of_others).release()
    assert of_others.stat().st_mode & 0o777 == 0o755
