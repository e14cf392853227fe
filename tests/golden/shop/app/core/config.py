"""Settings, read once from the environment or from a file `.env` in the project's folder."""

from functools import lru_cache
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_FOLDER = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """What can be set from outside; each name in capitals is an environment variable."""

    model_config = SettingsConfigDict(
        env_file=PROJECT_FOLDER / ".env", env_ignore_empty=True, extra="ignore"
    )

    database_url: str = f"sqlite:///{PROJECT_FOLDER / 'shop.db'}"
    """Where the data is; by default one SQLite file in the project's folder."""

    database_echo: bool = False
    """Whether to log each SQL statement, without its values."""

    docs: bool = True
    """Whether the API describes itself, at `/docs`, `/redoc` and `/openapi.json`."""


@lru_cache
def get_settings() -> Settings:
    """Read the settings, once."""
    return Settings()
