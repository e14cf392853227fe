"""The callers and keys of the platform's database, for commands that go straight to it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from common.callers import Caller, CallerStore
    from common.keys.store import KeyStore


@dataclass(frozen=True, slots=True)
class OpenStores:
    """Both, in one database."""

    callers: CallerStore
    keys: KeyStore

    def get_caller(self, name_or_id: str) -> Caller:
        """The caller that a command names; ClickException if there is none."""
        from common.errors import RequestError

        try:
            return self.callers.get(name_or_id)
        except RequestError:
            raise no_such_caller(name_or_id) from None


def no_such_caller(name: str) -> click.ClickException:
    """What is said of a caller that nobody has made."""
    return click.ClickException(
        f"There is no caller {name}; `backbone keys create KEY --caller {name}` makes one."
    )


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
    """The callers and keys in the database of DATABASE_URL or under DATA_DIR. SettingsError.

    What is done to keys meanwhile is logged.
    """
    from backbone.command_log import log_security_events
    from common.db.migrate import migrate
    from common.settings import read_settings

    settings = read_settings()
    if settings.database_url is None and not settings.data_dir.exists():
        where = f"{settings.data_dir} (DATA_DIR)"
        click.echo(f"There was no database in {where}: a new one is made there.", err=True)
    engine = _make_engine(settings.effective_database_url)
    try:
        migrate(engine)
        with log_security_events(settings.data_dir):
            yield stores_in(engine)
    finally:
        engine.dispose()


@contextmanager
def open_existing_stores() -> Iterator[OpenStores]:
    """The same, where there is a database; ClickException where there is none yet."""
    if not has_database():
        raise click.ClickException("There is no database yet (DATABASE_URL, DATA_DIR).")
    with open_stores() as stores:
        yield stores


def stores_in(engine: Engine) -> OpenStores:
    """Both in a database that is up to date."""
    from common import clock
    from common.callers import CallerStore
    from common.keys.store import KeyStore

    return OpenStores(CallerStore(engine, clock.now), KeyStore(engine, clock.now))


def wait_until_refused() -> None:
    """Return when no process believes any more what it verified before something was revoked."""
    from api.auth import REMEMBER_SECONDS

    time.sleep(REMEMBER_SECONDS)


def _make_engine(url: str) -> Engine:
    from sqlalchemy.exc import ArgumentError

    from common.db.engine import make_engine
    from common.settings import SettingsError

    try:
        return make_engine(url)
    except (ArgumentError, ValueError):
        raise SettingsError("DATABASE_URL: is not the URL of a database for this") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SettingsError(f"Can't write to DATA_DIR: {reason}") from None
