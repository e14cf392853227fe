"""Keys that have ended, by themselves or by somebody's hand, open nothing, from then on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from backbone.data_folder import DataFolder
from backbone.main import cli
from common.security import create_access_token
from tests.contract.conftest import API_KEY, MountedApi

JOBS = "/api/v1/jobs"
KEYS = "/api/v1/admin/keys"
TOKEN = "/api/v1/auth/token"
HOUR = timedelta(hours=1)


def made(api: MountedApi, caller: str = "default", **more: Any) -> tuple[str, dict[str, str]]:
    """A fresh key: its id, and the header that presents it."""
    of = api.callers.ensure(caller)
    key = api.keys.create_key(of, **{"name": "k", "scopes": ["jobs:read"]} | more)
    return key.key.id, {"X-API-Key": key.secret}


async def token(api: MountedApi, key: dict[str, str]) -> dict[str, str]:
    answer = await api.post(TOKEN, {}, headers=key)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def status(api: MountedApi, headers: dict[str, str]) -> int:
    return (await api.get(JOBS, headers=headers)).status_code


@pytest.fixture
async def apis(start_api: Any) -> tuple[MountedApi, MountedApi]:
    """Two processes of one installation: each believes for a while what it has verified."""
    high = {"rate_limit_authenticated": "100000/minute"}
    return await start_api(**high), await start_api(**high)


def command(api: MountedApi, *arguments: str) -> str:
    """What `backbone ARGUMENTS` prints, on the machine where the database is."""
    place = {"DATA_DIR": str(api.settings.data_dir)}
    done = CliRunner().invoke(cli, arguments, env=place, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


async def test_a_key_that_ends_is_refused_from_that_moment_even_if_it_was_just_believed(
    api: MountedApi,
) -> None:
    _, key = made(api, expires_at=api.clock() + timedelta(seconds=0.5))
    bearer = await token(api, key)
    assert (await status(api, key), await status(api, bearer)) == (200, 200)
    api.clock.step(0.5)
    assert (await status(api, key), await status(api, bearer)) == (401, 401)


async def test_unknown_ended_replaced_and_revoked_keys_get_one_answer(api: MountedApi) -> None:
    _, ended = made(api, expires_at=api.clock() + timedelta(seconds=1))
    replaced_id, replaced = made(api)
    revoked_id, revoked = made(api)
    api.keys.rotate_key(replaced_id, overlap=timedelta(0))
    api.keys.revoke_key(revoked_id)
    api.clock.step(1)
    answers = [
        await api.get(JOBS, headers=headers)
        for headers in ({"X-API-Key": "x" * 55}, ended, replaced, revoked)
    ]
    told = []
    for answer in answers:
        members = answer.json()
        del members["request_id"]
        told.append((answer.status_code, members, answer.headers["WWW-Authenticate"]))
    assert answers[0].status_code == 401
    assert told == [told[0]] * 4


async def test_a_key_that_is_said_to_be_revoked_is_refused_by_every_process(
    apis: tuple[MountedApi, MountedApi],
) -> None:
    here, there = apis
    key_id, key = made(here)
    bearer = await token(here, key)
    for api in apis:
        assert (await status(api, key), await status(api, bearer)) == (200, 200)
    answer = await here.post(f"{KEYS}/{key_id}/revoke")
    assert (answer.status_code, answer.json()["state"]) == (200, "revoked")
    for api in (there, here):
        assert (await status(api, key), await status(api, bearer)) == (401, 401)


async def test_what_the_command_line_says_is_revoked_is_refused_by_every_process(
    api: MountedApi,
) -> None:
    key_id, key = made(api)
    assert await status(api, key) == 200
    assert "is revoked" in command(api, "keys", "revoke", key_id)
    assert await status(api, key) == 401
    rotated_id, rotated = made(api)
    assert await status(api, rotated) == 200
    new = command(api, "keys", "rotate", rotated_id, "--overlap", "0").strip()
    assert await status(api, rotated) == 401
    assert await status(api, {"X-API-Key": new}) == 200


async def test_a_key_that_is_rotated_without_overlap_is_refused_by_every_process(
    apis: tuple[MountedApi, MountedApi],
) -> None:
    here, there = apis
    key_id, key = made(here)
    bearer = await token(here, key)
    assert (await status(there, key), await status(there, bearer)) == (200, 200)
    answer = await here.post(f"{KEYS}/{key_id}/rotate", {"overlap_seconds": 0})
    assert answer.status_code == 201
    assert (await status(there, key), await status(there, bearer)) == (401, 401)
    assert await status(there, {"X-API-Key": answer.json()["key"]}) == 200


async def test_after_a_breach_all_keys_and_all_tokens_are_refused_by_every_process(
    apis: tuple[MountedApi, MountedApi],
) -> None:
    here, there = apis
    _, key = made(here, caller="acme")
    signed = here.bearer(sub="acme", scopes=["jobs:read"])  # with the secret, from no key
    never_seen = here.bearer(sub="who-never-called", scopes=["jobs:read"])
    before = [here.good, key, await token(here, key), signed]
    for headers in before:
        assert await status(there, headers) == 200
    here.clock.step(1)
    answer = await here.post(f"{KEYS}/revoke-all", {"caller": None})
    assert answer.json() == {"revoked_count": 2}
    of_a_clock_ahead = here.bearer(sub="acme", scopes=["jobs:read"])
    for headers in (*before, never_seen, of_a_clock_ahead):
        assert (await status(here, headers), await status(there, headers)) == (401, 401)
    fresh = here.key("jobs:read", caller="acme")
    for headers in (fresh, await token(here, fresh)):
        assert await status(there, headers) == 200
    here.clock.step(31)  # iat has whole seconds
    assert await status(there, here.bearer(sub="acme", scopes=["jobs:read"])) == 200
    assert await status(there, of_a_clock_ahead) == 401


async def test_all_of_one_caller_are_revoked_and_nobody_elses(api: MountedApi) -> None:
    _, theirs = made(api, caller="acme")
    token_of_theirs = await token(api, theirs)
    api.clock.step(1)
    said = command(api, "keys", "revoke", "--all", "--caller", "acme", "--yes")
    assert said == "1 key and all tokens of acme are revoked.\n"
    assert (await status(api, theirs), await status(api, token_of_theirs)) == (401, 401)
    assert await status(api, api.good) == 200


@pytest.fixture
async def installations(start_api: Any, tmp_path: Path) -> tuple[MountedApi, MountedApi]:
    """Each with a database and secrets of its own, made as `backbone up` makes them."""
    started = []
    for name in ("staging", "production"):
        folder = DataFolder(tmp_path / name)
        own = folder.secrets()
        folder.release()
        secrets = {name: own[name] for name in ("api_key", "jwt_secret_key")}
        api = await start_api(data_dir=folder.path, **secrets)
        api.good = {"X-API-Key": own["api_key"]}
        started.append(api)
    return started[0], started[1]


async def test_what_opens_one_installation_opens_no_other(
    installations: tuple[MountedApi, MountedApi],
) -> None:
    one, other = installations
    for home, elsewhere in ((one, other), (other, one)):
        _, key = made(home)
        claims = {"sub": "acme", "scopes": ["jobs:read"]}  # of a caller, and of no key
        signer = home.services.authenticator._signer
        signed = create_access_token(claims, HOUR, signer=signer, now=home.clock())
        credentials = [home.good, key, await token(home, home.good), await token(home, key)]
        for headers in (*credentials, {"Authorization": f"Bearer {signed}"}):
            assert (await status(home, headers), await status(elsewhere, headers)) == (200, 401)


async def test_a_start_does_not_make_a_revoked_api_key_good_again(
    start_api: Any, caplog: pytest.LogCaptureFixture
) -> None:
    first = await start_api()
    key_id = first.keys.list_keys()[0].id
    first.keys.revoke_key(key_id)
    caplog.clear()
    again = await start_api()
    assert await status(again, again.good) == 401
    (line,) = [vars(line) for line in caplog.records if line.msg == "key.unusable"]
    assert (line["setting"], line["key_id"]) == ("API_KEY", key_id)
    assert API_KEY not in str(line)
    other = await start_api(api_key="another-key-of-the-default-caller-in-tests")
    good = {"X-API-Key": "another-key-of-the-default-caller-in-tests"}
    assert await status(other, good) == 200
    back = await start_api()
    assert await status(back, back.good) == 401
    assert await status(back, good) == 401, "it is not the setting any more"


async def test_a_key_that_is_used_though_it_is_old_is_noted_once_a_day(
    api: MountedApi, caplog: pytest.LogCaptureFixture
) -> None:
    key_id, key = made(api)

    async def noted() -> int:
        metrics = (await api.client.get("/metrics")).text
        (line,) = [each for each in metrics.splitlines() if 'events_total{event="key.old"' in each]
        return int(float(line.rpartition(" ")[2]))

    api.clock.step(timedelta(days=90).total_seconds())
    assert await status(api, key) == 200
    assert await noted() == 0
    for _ in range(2):
        api.clock.step(1)
        api.services.authenticator.forget()
        assert await status(api, key) == 200
    assert await noted() == 1
    (line,) = [vars(line) for line in caplog.records if line.msg == "key.old"]
    assert (line["key_id"], line["caller_id"]) == (key_id, "default")


async def test_keys_of_the_same_name_and_caller_end_one_by_one(api: MountedApi) -> None:
    (first_id, first), (_, second) = made(api), made(api)
    api.keys.revoke_key(first_id)
    api.services.authenticator.forget()
    assert (await status(api, first), await status(api, second)) == (401, 200)


async def test_what_is_stored_opens_nothing(api: MountedApi) -> None:
    """Whoever reads the database holds no key: neither the digest nor the prefix is one."""
    key_id, key = made(api)
    with api.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT * FROM api_keys WHERE id = ?", (key_id,)).one()
    secret = key["X-API-Key"]
    for value in map(str, row):
        assert secret not in value
        assert await status(api, {"X-API-Key": value or "none"}) == 401
    assert len(secret) - len(row.prefix) >= 43  # characters of base64: more than 256 bits
