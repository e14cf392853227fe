"""The Celery app and the names of its tasks. A message carries a job's id and nothing else.

Celery gives processes, remote control, time limits and Flower; it decides nothing. Whatever
happens to a message (lost, doubled, late, forged), the database says what becomes of the job.
"""

from __future__ import annotations

from typing import Any, Final

from celery import Celery
from kombu.exceptions import OperationalError

from common.errors import TransientError
from common.jobs.lanes import Lane
from common.settings import Settings

RUN_JOB: Final = "job.run"
"""Task: run the job with the id that is its only argument."""
ADMIT_JOBS: Final = "jobs.admit"
"""Task: one round of admission."""
EXPIRE_JOBS: Final = "jobs.expire"
"""Task: remove what was kept for long enough."""

_ADMIT_EVERY_SECONDS: Final = 2.0
_EXPIRE_EVERY_SECONDS: Final = 60.0
_GRACE_SECONDS: Final = 120
_REDIS: Final = ("redis:", "rediss:", "unix:")
# What is taken first. Redis: a list for each of 0, 3, 6 and 9, asked in this order. RabbitMQ: the
# highest goes first, and a queue says when it is made how many there are.
_REDIS_PRIORITIES: Final = {Lane.INTERACTIVE: 0, Lane.BATCH: 3, Lane.HELD: 9}
_RABBITMQ_PRIORITIES: Final = {Lane.INTERACTIVE: 2, Lane.BATCH: 1, Lane.HELD: 0}
_QUEUE_FAILURES: Final = (OperationalError, OSError)


def make_celery(settings: Settings) -> Celery:
    """The app as the API, the workers and beat use it. Raises ValueError without a broker."""
    broker = settings.effective_broker_url
    if broker is None:
        raise ValueError("CELERY_BROKER_URL or REDIS_URL must be set")
    app = Celery("backbone", broker=broker, set_as_current=False)
    app.conf.update(
        # Messages: JSON alone is read, nothing is answered
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        result_backend=None,
        task_default_queue=_queue_name(broker),
        task_queue_max_priority=_highest_priority(broker),
        task_default_priority=_priorities(broker)[Lane.INTERACTIVE],
        # Delivery: taken at once and one at a time; a lost one is sent again by admission. With
        # Redis a worker takes a message only once a process is free: one that it kept in hand for
        # later could not be overtaken by those that somebody waits for.
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=broker.startswith(_REDIS),
        # Nobody waits for ever for a broker that does not answer
        broker_connection_timeout=2,
        broker_pool_limit=4,
        broker_pool_acquire_timeout=2,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport_options(broker),
        # Processes: the last resort against an attempt that nothing else could stop
        task_time_limit=settings.job_timeout_seconds + _GRACE_SECONDS,
        worker_proc_alive_timeout=60,
        worker_soft_shutdown_timeout=2,
        # What Flower shows: tasks from the moment at which a worker has them. What was sent stands
        # in the database; to tell of it, too, would cost as much as to send it.
        worker_send_task_events=True,
        task_send_sent_event=False,
        # The log is ours
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        # No zone but UTC
        enable_utc=True,
        timezone="UTC",
        beat_schedule=_schedule(),
        beat_schedule_filename=str(settings.data_dir / "beat-schedule"),
        beat_max_loop_interval=1,
    )
    return app


def send_job(app: Celery, job_id: str, lane: Lane = Lane.INTERACTIVE) -> None:
    """Hand a job to the workers; TransientError `queue_unavailable` if the broker is away.

    They take those of the lower lane first. The task's id is the job's, so that Flower and the API
    speak of the same thing.
    """
    priority = _priorities(app.conf.broker_url)[lane]
    try:
        app.send_task(
            RUN_JOB,
            args=[job_id],
            task_id=job_id,
            priority=priority,
            ignore_result=True,
            retry=False,
        )
    except _QUEUE_FAILURES as error:
        raise TransientError("queue_unavailable", "The queue can't be reached.") from error


def _priorities(broker: str) -> dict[Lane, int]:
    return _REDIS_PRIORITIES if broker.startswith(_REDIS) else _RABBITMQ_PRIORITIES


def _queue_name(broker: str) -> str:
    # RabbitMQ refuses to give an existing queue priorities: one that has them has its own name.
    return "backbone" if broker.startswith(_REDIS) else "backbone.lanes"


def _highest_priority(broker: str) -> int | None:
    return None if broker.startswith(_REDIS) else max(_RABBITMQ_PRIORITIES.values())


def _transport_options(broker: str) -> dict[str, Any]:
    if broker.startswith(_REDIS):
        return {
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            "socket_keepalive": True,
            "health_check_interval": 10,
            # Messages are acknowledged as soon as a process has them; to keep book of them in
            # Redis until then helps nobody, and a worker that could not write there when Redis
            # died would end with an error, and all its jobs with it.
            "ack_emulation": False,
        }
    return {}


def _schedule() -> dict[str, dict[str, Any]]:
    """What beat sends. A message that no worker took in time is worth nothing: the next one is."""
    return {
        ADMIT_JOBS: {
            "task": ADMIT_JOBS,
            "schedule": _ADMIT_EVERY_SECONDS,
            "options": {"expires": _ADMIT_EVERY_SECONDS},
        },
        EXPIRE_JOBS: {
            "task": EXPIRE_JOBS,
            "schedule": _EXPIRE_EVERY_SECONDS,
            "options": {"expires": _EXPIRE_EVERY_SECONDS},
        },
    }
