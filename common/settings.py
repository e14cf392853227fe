"""Every setting, once: its environment variable, type, default and meaning.

Only this module reads the environment. A process reads its settings once, at its start, and hands
them (or single values of them) to whatever needs them. README's table and `.env.example` are made
from here by `python -m backbone.settings_docs` and checked to be current.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from common.access_settings import AccessSettings
from common.errors import BackboneError
from common.llm.settings import LlmSettings

_SCHEMES: Final = {
    "database_url": ("sqlite", "postgresql", "postgresql+psycopg"),
    "redis_url": ("redis", "rediss", "unix"),
    "celery_broker_url": ("redis", "rediss", "amqp", "amqps"),
    "artifact_url": ("file", "s3"),
}


_ENGINE_SCHEMES: Final = {
    "engine_postgresql_url": ("postgresql",),
    "engine_mysql_url": ("mysql", "mariadb"),
}
_NO_ENGINE: Final = "none"
_NEAR: Final = 0.8
"""How like a setting a name is, from 0 to 1, that may be meant for it."""


class SettingsError(BackboneError):
    """Settings that nothing can be started with; the message names the variables, never a value."""


class Settings(AccessSettings, LlmSettings):
    """The platform's settings; the names are the environment variables', in lower case."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    environment: Literal["development", "production"] = Field(
        "development",
        description="`production` refuses to start without auth or limits, or with CORS for `*`.",
    )
    data_dir: Path = Field(
        Path("./var"), description="Where the embedded database, queue, artifacts and secrets live."
    )

    cache_dir: Path | None = Field(
        None,
        description="What is slow to work out and the same for all jobs; unset, in `DATA_DIR`.",
    )

    # Where things listen
    api_host: str = Field("127.0.0.1", description="Address that the API listens on.")
    api_port: int = Field(8000, ge=0, le=65535, description="Port of the API; 0 takes a free one.")
    flower_port: int = Field(
        5555, ge=0, le=65535, description="Port of Flower; 0 takes a free one."
    )

    # The stores; unset, the embedded ones under DATA_DIR are used
    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL of the platform's database; unset, SQLite in `DATA_DIR`."
    )
    redis_url: SecretStr | None = Field(
        None,
        description="Redis for the windows of the limits and for waking who waits; unset, the"
        " bundled Valkey.",
    )
    celery_broker_url: SecretStr | None = Field(
        None, description="Broker of the queue; unset, the same Redis."
    )
    artifact_url: str | None = Field(
        None, description="`file:///…` or `s3://bucket/prefix`; unset, a folder in `DATA_DIR`."
    )

    # The servers that generated projects are tried on
    engine_postgresql_url: SecretStr | None = Field(
        None,
        description="Administrator's URL of a PostgreSQL server to try projects on, in throwaway"
        " databases; unset, the usual local sockets are tried (not in production); `none`: no"
        " server.",
    )
    engine_mysql_url: SecretStr | None = Field(
        None, description="The same of a MySQL or MariaDB server."
    )

    # Jobs
    worker_processes: int = Field(
        2, ge=1, le=64, description="Jobs that one worker runs at a time."
    )
    job_lease_seconds: float = Field(
        15, ge=2, description="How long a silent worker keeps its job."
    )
    max_attempts: int = Field(
        3, ge=1, le=100, description="Times that a job is tried before it is failed."
    )
    job_timeout_seconds: int = Field(
        600, gt=0, description="The longest that one attempt may take."
    )
    stage_timeout_seconds: int = Field(
        600, gt=0, description="The longest that one stage of an attempt may take."
    )
    max_running_per_caller: int = Field(
        20, ge=1, description="Jobs of one caller that run at a time."
    )
    max_batch_lines: int = Field(10_000, ge=1, description="Lines of one batch.")
    max_batch_lines_per_hour: int = Field(
        100_000, ge=1, description="Lines of batches per caller in any hour."
    )
    job_retention_hours: float = Field(168, gt=0, description="How long a finished job is kept.")
    artifact_retention_hours: float = Field(
        72, gt=0, description="How long an artifact can be fetched."
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least important line that is logged."
    )
    flower_password: SecretStr | None = Field(
        None, description="Flower asks for it, of the user `backbone`; at least 16 characters."
    )

    @field_validator("database_url", "redis_url", "celery_broker_url", "artifact_url")
    @classmethod
    def _check_address(
        cls, value: SecretStr | str | None, about: ValidationInfo
    ) -> SecretStr | str | None:
        if value is None:
            return None
        address = value.get_secret_value() if isinstance(value, SecretStr) else value
        schemes = _SCHEMES[about.field_name or ""]
        if not address.startswith(tuple(f"{name}://" for name in schemes)):
            raise ValueError(f"must begin with {' or '.join(f'{name}://' for name in schemes)}")
        return value

    @field_validator("engine_postgresql_url", "engine_mysql_url")
    @classmethod
    def _check_engine(cls, value: SecretStr | None, about: ValidationInfo) -> SecretStr | None:
        schemes = [f"{name}://" for name in _ENGINE_SCHEMES[about.field_name or ""]]
        if value is None or value.get_secret_value() == _NO_ENGINE:
            return value
        if not value.get_secret_value().startswith(tuple(schemes)):
            raise ValueError(f"must be {_NO_ENGINE} or begin with {' or '.join(schemes)}")
        from common.engine_url import read_engine_url  # noqa: PLC0415 - only where there is one

        read_engine_url((about.field_name or "").split("_")[1], value.get_secret_value())
        own = about.data.get("database_url")
        if own is not None and _place(own.get_secret_value()) == _place(value.get_secret_value()):
            raise ValueError("must not name the platform's own database")
        return value

    @property
    def effective_database_url(self) -> str:
        """`DATABASE_URL`, or SQLite under `DATA_DIR`; the path of a file is always absolute."""
        if self.database_url is None:
            return f"sqlite:///{self.data_dir.resolve() / 'backbone.db'}"
        url = self.database_url.get_secret_value()
        path = url.removeprefix("sqlite:///")
        if path in (url, ":memory:"):
            return url
        return f"sqlite:///{Path(path).absolute()}"

    @property
    def engine_urls(self) -> dict[str, str | None]:
        """By `db_type`, the administrator's URL of a server; None to look for one.

        In production a server that nobody named is none of ours.
        """
        unset = _NO_ENGINE if self.environment == "production" else None
        urls = {"postgresql": self.engine_postgresql_url, "mysql": self.engine_mysql_url}
        return {name: url.get_secret_value() if url else unset for name, url in urls.items()}

    @property
    def effective_broker_url(self) -> str | None:
        """`CELERY_BROKER_URL`, or else `REDIS_URL`; None where there is no queue at all."""
        url = self.celery_broker_url or self.redis_url
        return None if url is None else url.get_secret_value()

    @property
    def effective_artifact_url(self) -> str:
        """`ARTIFACT_URL`, or a folder under `DATA_DIR`."""
        return self.artifact_url or (self.data_dir.resolve() / "artifacts").as_uri()


def _place(url: str) -> tuple[str, str | None, int | None, str, str]:
    """The server and the database that a URL names, whoever asks for them with which driver."""
    parts = urlsplit(url)
    kind = parts.scheme.partition("+")[0]
    port = parts.port or (5432 if kind == "postgresql" else None)
    return kind, parts.hostname, port, parts.path, parts.query


class ClientSettings(BaseSettings):
    """Where the commands that speak to a server find it, and as whom they speak."""

    model_config = Settings.model_config

    backbone_url: str = Field(
        "http://127.0.0.1:8000",
        pattern=r"^https?://[^\s/]+",
        description="The server that `submit`, `jobs` and `batches` speak to.",
    )
    backbone_api_key: SecretStr | None = Field(
        None, description="The key that `submit`, `jobs` and `batches` present."
    )
    backbone_token: SecretStr | None = Field(
        None,
        description="The token that `token revoke` takes back; unset, it reads standard input.",
    )


def read_client_settings() -> ClientSettings:
    """Read the client's settings; SettingsError names what is wrong."""
    try:
        return ClientSettings()
    except ValidationError as error:
        raise SettingsError(explain(error)) from None


WITHOUT_STORES: Final = dict.fromkeys(_SCHEMES)
"""For work that touches no store: whatever the environment says of them is somebody else's."""


def read_settings(fixed: Mapping[str, Any] = MappingProxyType({})) -> Settings:
    """Read the settings from the environment and `.env`; SettingsError names what is wrong.

    `fixed` ones, by field name, are as given, whatever the environment says.
    """
    try:
        return Settings(**fixed)
    except ValidationError as error:
        raise SettingsError(explain(error)) from None


def explain(error: ValidationError) -> str:
    """One line for each wrong setting: its variable and what is wrong, without the value."""
    lines = []
    for fault in error.errors(include_input=False, include_url=False, include_context=False):
        variable = "".join(f"{part}: " for part in fault["loc"][:1]).upper()
        lines.append(f"{variable}{fault['msg'].removeprefix('Value error, ')}")
    return "\n".join(lines)


def find_misspelt() -> dict[str, str]:
    """By variable of the environment or of `.env` that is no setting, the setting that is near.

    Whoever misspells ALLOWED_IPS has allowed everybody.
    """
    known = {name.upper() for name in (*Settings.model_fields, *ClientSettings.model_fields)}
    written = {name.upper() for name in (*os.environ, *dotenv_values(".env", interpolate=False))}
    found = {}
    for name in sorted(written - known):
        if name.startswith("TEST_"):  # our tests', and those of generated projects
            continue
        near = get_close_matches(name, known - written, n=1, cutoff=_NEAR)
        if near:
            found[name] = near[0]
    return found


def as_environment(settings: Settings) -> dict[str, str]:
    """The settings as variables for another process, secrets included; unset ones are left out."""
    variables = {}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if value is None:
            continue
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        elif isinstance(value, tuple):
            value = json.dumps(value)
        elif isinstance(value, bool):
            value = str(value).lower()
        elif isinstance(value, Path):
            value = value.resolve()
        variables[name.upper()] = str(value)
    return variables


def environment_without_settings() -> dict[str, str]:
    """This process's environment, less every variable that is a setting."""
    names = {name.upper() for name in Settings.model_fields}
    return {name: value for name, value in os.environ.items() if name.upper() not in names}
