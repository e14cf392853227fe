"""What the API refuses to start with, and how it says so."""

import subprocess
import sys

import pytest

from api.app import create_app
from common.settings import Settings, SettingsError

GOOD_KEY = "8wPz3-a-key-that-only-these-tests-know"
GOOD_SECRET = "Jq7Lm-a-secret-that-only-these-tests-know"
PRODUCTION = {"environment": "production"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"api_key": "x" * 31}, "API_KEY"),
        ({"api_key": "short"}, "API_KEY"),
        ({"api_key": "your-secure-api-key-here-32-chars-minimum"}, "API_KEY"),
        ({"api_key": "your-secure-api-key-32-chars-min"}, "API_KEY"),
        ({"api_key": "change-me-change-me-change-me-change-me"}, "API_KEY"),
        ({"api_key": "a" * 40}, "API_KEY"),
        ({"jwt_secret_key": "short"}, "JWT_SECRET_KEY"),
        ({"jwt_secret_key": "your-jwt-secret-key-your-jwt-secret-key"}, "JWT_SECRET_KEY"),
        ({"jwt_secret_key": None}, "JWT_SECRET_KEY"),
        ({"jwt_secret_key": GOOD_KEY}, "JWT_SECRET_KEY"),
        (PRODUCTION | {"enable_auth": False}, "ENABLE_AUTH"),
        (PRODUCTION | {"enable_rate_limiting": False}, "ENABLE_RATE_LIMITING"),
        (PRODUCTION | {"cors_origins": ("*",)}, "CORS_ORIGINS"),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_refusals(tmp_path, change, said) -> None:
    values = {"data_dir": tmp_path, "api_key": GOOD_KEY, "jwt_secret_key": GOOD_SECRET} | change
    with pytest.raises(SettingsError) as refusal:
        create_app(Settings(_env_file=None, **values))
    lines = str(refusal.value).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"{said}: ")
    for secret in (values["api_key"], values["jwt_secret_key"]):
        assert secret is None or secret not in lines[0]


@pytest.mark.parametrize(
    "change",
    [
        {},
        PRODUCTION,
        {"api_key": None},
        {"enable_auth": False, "api_key": None, "jwt_secret_key": None},
        {"enable_rate_limiting": False},
        {"cors_origins": ("*",)},
        PRODUCTION | {"cors_origins": ("https://example.org",)},
    ],
    ids=",".join,
)
def test_what_is_fine(tmp_path, migrated_file, change) -> None:
    (tmp_path / migrated_file.name).write_bytes(migrated_file.read_bytes())
    values = {"data_dir": tmp_path, "api_key": GOOD_KEY, "jwt_secret_key": GOOD_SECRET} | change
    create_app(Settings(_env_file=None, **values)).state.services.database.dispose()


def start(tmp_path, **environment) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import api.app; api.app.make_app()"],
        env={"DATA_DIR": str(tmp_path)} | environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"API_KEY": "short", "JWT_SECRET_KEY": GOOD_SECRET}, "API_KEY"),
        ({"JWT_SECRET_KEY": GOOD_SECRET, "TRUSTED_PROXIES": "10.0.0.0/99"}, "TRUSTED_PROXIES"),
        ({"JWT_SECRET_KEY": GOOD_SECRET, "RATE_LIMIT_PUBLIC": "often"}, "RATE_LIMIT_PUBLIC"),
        ({"JWT_SECRET_KEY": GOOD_SECRET, "DATABASE_URL": "oracle://x"}, "DATABASE_URL"),
        ({}, "JWT_SECRET_KEY"),
    ],
)
def test_a_process_says_it_in_a_line_and_ends(tmp_path, environment, said) -> None:
    ended = start(tmp_path, **environment)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert said in ended.stderr.splitlines()[-1]


def test_a_name_that_is_nearly_a_setting_is_told_of(tmp_path) -> None:
    ended = start(tmp_path, JWT_SECRET_KEY=GOOD_SECRET, ALOWED_IPS="10.0.0.0/8")
    assert ended.returncode == 0
    assert "event=setting.unknown variable=ALOWED_IPS meant=ALLOWED_IPS" in ended.stderr
    assert "10.0.0.0" not in ended.stderr


def test_an_unwritable_folder(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    ended = start(tmp_path, JWT_SECRET_KEY=GOOD_SECRET, DATA_DIR=str(tmp_path / "file" / "data"))
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert str(tmp_path / "file") in ended.stderr


async def test_earlier_values_of_the_key_are_worthless(start_api) -> None:
    first = await start_api(api_key=GOOD_KEY)
    good = {"X-API-Key": GOOD_KEY}
    assert (await first.get("/api/v1/jobs", headers=good)).status_code == 200
    job_id = await first.submit(headers=good)
    second = await start_api(api_key=GOOD_SECRET)
    assert (await second.get("/api/v1/jobs", headers=good)).status_code == 401
    rotated = {"X-API-Key": GOOD_SECRET}
    answer = await second.get(f"/api/v1/jobs/{job_id}", headers=rotated)
    assert answer.status_code == 200  # the caller keeps what it owns
