"""The callers and keys of the platform's database, for commands that go straight to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from common.callers import CallerStore
    from common.keys.store import KeyStore


@dataclass(frozen=True, slots=True)
class OpenStores:
    """Both, in one database."""

    callers: CallerStore
    keys: KeyStore


def has_database() -> bool:
    """Whether there is a database to look into: looking shall not make one. SettingsError."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    from common.settings import SettingsError, read_settings

    url = read_settings().effective_database_url
    try:
        path = make_url(url).database if url.startswith("sqlite:") else None
    except (ArgumentError, ValueError):
        raise SettingsError("DATABASE_URL: is not the URL of a database for this") from None
    return path in (None, "", ":memory:") or Path(str(path)).exists()


@contextmanager
def open_stores() -> Iterator[OpenStores]:
    """The callers and keys in the database of DATABASE_URL or under DATA_DIR. SettingsError."""
    from sqlalchemy.exc import ArgumentError

    from common import clock
    from common.callers import CallerStore
    from common.db.engine import make_engine
    from common.db.migrate import migrate
    from common.keys.store import KeyStore
    from common.settings import SettingsError, read_settings

    settings = read_settings()
    if settings.database_url is None and not settings.data_dir.exists():
        where = f"{settings.data_dir} (DATA_DIR)"
        click.echo(f"There was no database in {where}: a new one is made there.", err=True)
    try:
        engine = make_engine(settings.effective_database_url)
    except (ArgumentError, ValueError):
        raise SettingsError("DATABASE_URL: is not the URL of a database for this") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SettingsError(f"Can't write to DATA_DIR: {reason}") from None
    try:
        migrate(engine)
        yield OpenStores(CallerStore(engine, clock.now), KeyStore(engine, clock.now))
    finally:
        engine.dispose()
