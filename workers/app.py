"""What `celery -A workers.app` starts: the app, its tasks, and what each process sets up."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from celery.signals import (
    beat_init,
    setup_logging,
    worker_init,
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
)

from common import clock
from common.db.engine import make_engine
from common.db.migrate import migrate
from common.errors import BackboneError
from common.jobs.admission import forget_sent
from common.llm.prices import Prices
from common.parent_death import die_with_parent
from common.queue import make_celery
from common.secrets_in_text import Redactor, secrets_of
from common.settings import Settings, SettingsError, read_settings
from common.telemetry import set_up_logging
from workers.broker import read_carefully
from workers.messages import OwnMessages
from workers.task_events import BundledEvents
from workers.tasks import add_tasks

if TYPE_CHECKING:
    from workers.worker_process import WorkerProcess

_processes: dict[int, WorkerProcess] = {}
"""The one of this process, by its id: what a fork inherits is never used."""


def _settings() -> Settings:
    try:
        read = read_settings()
        Prices.read(read.llm_prices_file)
    except SettingsError as error:
        raise SystemExit(str(error)) from None
    if read.environment == "production" and clock.can_be_moved():
        raise SystemExit(f"{clock.MOVED_BY}: must not be set in production")
    return read


def _process() -> WorkerProcess:
    from workers.worker_process import WorkerProcess  # noqa: PLC0415 - beat has no use for it

    number = os.getpid()
    if number not in _processes:
        _processes[number] = WorkerProcess(settings, app)
    return _processes[number]


settings = _settings()
app = make_celery(settings)
add_tasks(app, _process)
app.steps["consumer"].update((OwnMessages, BundledEvents))
read_carefully()


def _set_up_logging(**_: Any) -> None:  # noqa: ANN401 - whatever Celery sends along
    set_up_logging(settings.log_level, Redactor(secrets_of(settings)))


def _prepare(**_: Any) -> None:  # noqa: ANN401
    engine = make_engine(settings.effective_database_url)
    try:
        migrate(engine)
    except BackboneError as error:
        raise SystemExit(str(error)) from None
    finally:
        engine.dispose()  # nothing is open when the pool forks


def _import_all(**_: Any) -> None:  # noqa: ANN401
    """Import once, before the fork, what every process of the pool needs."""
    import workers.worker_process  # noqa: F401, PLC0415


def _begin(**_: Any) -> None:  # noqa: ANN401
    """Whatever was on its way to a worker before this one began may be lost: send it again."""
    engine = make_engine(settings.effective_database_url)
    forget_sent(engine)
    engine.dispose()


def _begin_process(**_: Any) -> None:  # noqa: ANN401
    die_with_parent()
    for number in (signal.SIGTERM, signal.SIGQUIT):  # a job that runs is given back
        signal.signal(number, lambda _number, _frame: sys.exit(0))
    _process()


def _end_process(**_: Any) -> None:  # noqa: ANN401
    process = _processes.pop(os.getpid(), None)
    if process is not None:
        process.close()


setup_logging.connect(_set_up_logging)
beat_init.connect(_prepare)
worker_init.connect(_prepare)
worker_init.connect(_import_all)
worker_ready.connect(_begin)
worker_process_init.connect(_begin_process)
worker_process_shutdown.connect(_end_process)
