"""Settings are read from the environment, strictly, and nothing about them gives a secret away."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from common.safe_settings import refuse_unsafe
from common.settings import (
    Settings,
    SettingsError,
    as_environment,
    environment_without_settings,
    read_client_settings,
    read_settings,
)

LONG = "0123456789abcdefghijklmnopqrstuvwxyz-ABCD"
OTHER = "zyxwvutsrqponmlkjihgfedcba9876543210-WXYZ"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_defaults_are_those_of_the_documentation() -> None:
    settings = read_settings()
    assert settings.enable_auth
    assert settings.enable_rate_limiting
    assert settings.api_host == "127.0.0.1"
    assert (settings.api_port, settings.flower_port) == (8000, 5555)
    assert settings.data_dir == Path("var")
    assert settings.rate_limit_public == "20/minute"
    assert settings.rate_limit_authenticated == "100/minute"
    assert settings.rate_limit_generation == "10/minute;50/hour"
    assert settings.rate_limit_validation == "50/minute"
    assert (settings.max_json_size, settings.max_request_size) == (10485760, 52428800)
    assert settings.api_key is None
    assert settings.jwt_secret_key is None


def test_no_secret_has_a_default() -> None:
    for field in Settings.model_fields.values():
        if "SecretStr" in str(field.annotation):
            assert field.default is None


@pytest.mark.parametrize(
    "written", ['["https://a.example", "https://b.example"]', "https://a.example,https://b.example"]
)
def test_lists_are_json_or_comma_separated(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", written)
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8, 192.168.1.1")
    settings = read_settings()
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.trusted_proxies == ("10.0.0.0/8", "192.168.1.1")


def test_origins_are_read_as_browsers_send_them(monkeypatch: pytest.MonkeyPatch) -> None:
    written = (
        "https://A.example:443, http://localhost:80, https://a.example:8443, http://[::1]:3000"
    )
    monkeypatch.setenv("CORS_ORIGINS", written)
    assert read_settings().cors_origins == (
        "https://a.example",
        "http://localhost",
        "https://a.example:8443",
        "http://[::1]:3000",
    )


def test_an_empty_value_means_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "API_PORT", "CORS_ORIGINS", "DATABASE_URL", "ENABLE_AUTH"):
        monkeypatch.setenv(name, "")
    settings = read_settings()
    assert settings.api_key is None
    assert settings.api_port == 8000
    assert settings.cors_origins == ()
    assert settings.enable_auth


def test_a_file_called_dot_env_is_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("API_PORT=1234\nMAX_TABLES=7\n", encoding="utf-8")
    monkeypatch.setenv("API_PORT", "4321")
    settings = read_settings()
    assert (settings.api_port, settings.max_tables) == (4321, 7)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_PORT", "70000"),
        ("API_PORT", "eighty"),
        ("ENABLE_AUTH", "perhaps"),
        ("MAX_ATTEMPTS", "101"),
        ("JOB_LEASE_SECONDS", "1.9"),
        ("ENVIRONMENT", "staging"),
        ("MAX_TABLES", "-5"),
        ("CORS_ORIGINS", '["https://a.example"'),
        ("CORS_ORIGINS", "[1]"),
        ("CORS_ORIGINS", '["https://*"]'),
        ("CORS_ORIGINS", '["https://*.example"]'),
        ("CORS_ORIGINS", '["https://a.example/"]'),
        ("CORS_ORIGINS", '["https://a.example/x"]'),
        ("CORS_ORIGINS", '["a.example"]'),
        ("RATE_LIMIT_PUBLIC", "twenty a minute"),
        ("RATE_LIMIT_GENERATION", "10/minute;5/fortnight"),
        ("TRUSTED_PROXIES", "not-an-address"),
        ("JWT_ALGORITHM", "none"),
        ("DATABASE_URL", "mysql://somebody:secret@db/backbone"),
        ("REDIS_URL", "http://somebody:secret@redis"),
        ("CELERY_BROKER_URL", "sqs://somebody:secret@"),
        ("ARTIFACT_URL", "/var/artifacts"),
    ],
)
def test_a_wrong_value_names_the_variable_and_not_the_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        read_settings()
    assert str(error.value).startswith(f"{name}: ")
    assert value not in str(error.value)
    assert "\n" not in str(error.value)


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_PORT", "x")
    monkeypatch.setenv("MAX_TABLES", "-1")
    with pytest.raises(SettingsError) as error:
        read_settings()
    named = {line.split(":")[0] for line in str(error.value).splitlines()}
    assert named == {"API_PORT", "MAX_TABLES"}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"api_key": SecretStr("short")}, "API_KEY: must have at least 32 characters"),
        ({"jwt_secret_key": SecretStr("x" * 31)}, "JWT_SECRET_KEY: must have at least 32"),
        ({"api_key": SecretStr("your-secure-api-key-32-chars-min")}, "API_KEY: is a placeholder"),
        ({"api_key": SecretStr("change-me-" * 4)}, "API_KEY: is a placeholder"),
        ({"api_key": SecretStr("a" * 40)}, "API_KEY: is a placeholder"),
        ({"api_key": SecretStr("abcde" * 8)}, "API_KEY: is a placeholder"),
        ({"api_key": SecretStr("correct-password-of-the-api-key-1")}, "API_KEY: is a placeholder"),
        (
            {"flower_password": SecretStr("15-chars-of-one")},
            "FLOWER_PASSWORD: must have at least",
        ),
        (
            {"api_key": SecretStr(LONG), "flower_password": SecretStr(LONG)},
            "FLOWER_PASSWORD: must not be the API_KEY",
        ),
        ({"api_key": SecretStr("your_secret_key_" * 3)}, "API_KEY: is a placeholder"),
        ({"api_key": SecretStr("Super Secret JWT key " * 3 + "x")}, "API_KEY: is a placeholder"),
        ({"api_key": SecretStr(" " * 33 + "x")}, "API_KEY: begins or ends with a blank"),
        (
            {"api_key": SecretStr("schlüssel-von-irgendwem-in-einem-test")},
            "API_KEY: must be printable",
        ),
        (
            {"api_key": SecretStr(LONG), "jwt_secret_key": SecretStr(LONG)},
            "JWT_SECRET_KEY: must not be the API_KEY",
        ),
        ({"environment": "production", "enable_auth": False}, "ENABLE_AUTH: must not be off"),
        (
            {"environment": "production", "enable_rate_limiting": False},
            "ENABLE_RATE_LIMITING: must not be off",
        ),
        ({"environment": "production", "cors_origins": ("*",)}, "CORS_ORIGINS: must not be *"),
    ],
)
def test_unsafe_settings_are_refused(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(SettingsError) as error:
        refuse_unsafe(Settings().model_copy(update=changes))
    assert str(error.value).startswith(complaint)


def test_safe_settings_are_not_refused() -> None:
    secrets = {"api_key": SecretStr(LONG), "jwt_secret_key": SecretStr(OTHER)}
    refuse_unsafe(Settings().model_copy(update=secrets | {"environment": "production"}))
    refuse_unsafe(Settings().model_copy(update={"enable_auth": False, "cors_origins": ("*",)}))


def test_another_process_reads_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings().model_copy(
        update={
            "api_key": SecretStr(LONG),
            "cors_origins": ("https://a.example",),
            "enable_auth": False,
            "data_dir": Path("/somewhere/else"),
            "max_tables": 3,
        }
    )
    for name, value in as_environment(settings).items():
        monkeypatch.setenv(name, value)
    assert read_settings() == settings


def test_surroundings_hold_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", LONG)
    monkeypatch.setenv("database_url", "sqlite://")
    monkeypatch.setenv("SOMETHING_ELSE", "kept")
    surroundings = environment_without_settings()
    assert "API_KEY" not in surroundings
    assert "database_url" not in surroundings
    assert surroundings["SOMETHING_ELSE"] == "kept"


def test_the_stores_fall_back_to_the_data_folder(tmp_path: Path) -> None:
    settings = Settings().model_copy(update={"data_dir": tmp_path})
    assert settings.effective_database_url == f"sqlite:///{tmp_path / 'backbone.db'}"
    assert settings.effective_artifact_url == f"file://{tmp_path}/artifacts"
    assert settings.effective_broker_url is None
    near = settings.model_copy(update={"database_url": SecretStr("sqlite:///near.db")})
    assert near.effective_database_url == f"sqlite:///{tmp_path / 'near.db'}"
    far = settings.model_copy(update={"database_url": SecretStr("sqlite:////far/away.db")})
    assert far.effective_database_url == "sqlite:////far/away.db"
    other = settings.model_copy(update={"redis_url": SecretStr("redis://r/0")})
    assert other.effective_broker_url == "redis://r/0"


def test_secrets_do_not_show() -> None:
    settings = Settings().model_copy(
        update={"api_key": SecretStr(LONG), "redis_url": SecretStr("redis://:hidden@r/0")}
    )
    assert LONG not in repr(settings)
    assert "hidden" not in repr(settings)


def test_a_server_is_an_http_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_client_settings().backbone_url == "http://127.0.0.1:8000"
    monkeypatch.setenv("BACKBONE_URL", "localhost:8000")
    with pytest.raises(SettingsError, match=r"^BACKBONE_URL: "):
        read_client_settings()


@pytest.mark.parametrize("written", ["none", "postgresql://postgres:pw@10.0.0.9/postgres"])
def test_an_engine_is_a_url_or_none(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE_POSTGRESQL_URL", written)
    assert read_settings().engine_urls == {"postgresql": written, "mysql": None}


@pytest.mark.parametrize(
    ("variable", "written"),
    [
        ("ENGINE_POSTGRESQL_URL", "mysql://root@10.0.0.9/mysql"),
        ("ENGINE_MYSQL_URL", "postgresql://postgres@10.0.0.9/postgres"),
        ("ENGINE_MYSQL_URL", "yes"),
    ],
)
def test_an_engine_of_another_kind_is_refused(
    variable: str, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, written)
    with pytest.raises(SettingsError, match=f"{variable}: must be none or begin with"):
        read_settings()


def test_in_production_an_engine_has_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("ENGINE_MYSQL_URL", "mysql://root@127.0.0.1/mysql")
    urls = {"postgresql": "none", "mysql": "mysql://root@127.0.0.1/mysql"}
    assert read_settings().engine_urls == urls


def test_the_own_database_is_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://backbone:pw@10.0.0.9/backbone")
    monkeypatch.setenv("ENGINE_POSTGRESQL_URL", "postgresql://postgres@10.0.0.9:5432/backbone")
    with pytest.raises(SettingsError, match="ENGINE_POSTGRESQL_URL: must not name the platform"):
        read_settings()


@pytest.mark.parametrize(
    ("variable", "written"),
    [
        ("ENGINE_POSTGRESQL_URL", "postgresql://u:hidden@h:abc/db"),
        ("ENGINE_POSTGRESQL_URL", "postgresql://u:hidden@/db?host=db.example"),
        ("ENGINE_POSTGRESQL_URL", "postgresql://u:hidden@h/db?sslmode=require"),
        ("ENGINE_POSTGRESQL_URL", "postgresql://u:hidden@/db?host=/a&host=/b"),
        ("ENGINE_MYSQL_URL", "mysql://u:hidden@/db?host=/run/mysqld"),
        ("ENGINE_MYSQL_URL", "mysql://u:hidden@/db?unix_socket=mysqld.sock"),
    ],
)
def test_an_engine_is_refused_where_not_all_of_it_is_understood(
    variable: str, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, written)
    with pytest.raises(
        SettingsError, match=rf"^{variable}: (is no URL|may have no option)"
    ) as told:
        read_settings()
    assert "hidden" not in str(told.value)
