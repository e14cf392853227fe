"""Which messages a worker takes: those that we send, and of them what we said in them.

Whoever can write to the broker can write anything. Celery would run callbacks that a message names,
tasks of its own, for as long as the message says, and ends the worker over malformed headers.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from celery.bootsteps import StartStopStep
from celery.worker.consumer.tasks import Tasks

from common.ids import is_job_id
from common.queue import ADMIT_JOBS, EXPIRE_JOBS, RUN_JOB

_LONGEST_BODY: Final = 4096
"""Bytes; ours have some hundred."""
_LONGEST_WORD: Final = 100
"""Characters of an id or a moment."""

log = logging.getLogger("backbone.worker")


class OwnMessages(StartStopStep):  # type: ignore[misc]  # Celery leaves it untyped
    """A step of Celery's consumer: of what is received, it gets to see what `own_call` lets by."""

    requires = (Tasks,)

    def start(self, consumer: Any) -> None:  # noqa: ANN401 - Celery's own types say no more
        """Stand before the handler of messages, also of one that a lost connection calls for."""
        make_handler = type(consumer).create_task_handler

        def make_strict_handler() -> Callable[[Any], None]:
            handle = make_handler(consumer)

            def look(message: Any) -> None:  # noqa: ANN401
                call = own_call(message)
                if call is None:
                    log.warning("message.refused")
                    message.ack_log_error(log, consumer.connection_errors)
                    return
                message.headers, message.body = call
                handle(message)

            return look

        consumer.create_task_handler = make_strict_handler


def own_call(message: Any) -> tuple[dict[str, Any], bytes] | None:  # noqa: ANN401 - kombu's Message
    """The headers and the body that such a message of ours has; None for one that is not ours.

    Taken over are the task, the job's id, and until when one of beat's is worth something. Whatever
    else it says (callbacks, time limits, when to run it) is not passed on.
    """
    body, headers = message.body, message.headers
    if (
        message.content_type != "application/json"
        or message.content_encoding != "utf-8"
        or not isinstance(body, str | bytes)
        or len(body) > _LONGEST_BODY
        or not isinstance(headers, Mapping)
        or not isinstance(message.properties, Mapping)
        or not isinstance(message.delivery_info, Mapping)
    ):
        return None
    task, task_id, expires = (headers.get(name) for name in ("task", "id", "expires"))
    if not _is_word(task_id) or not (expires is None or _is_word(expires)):
        return None
    try:
        arguments, named, _ = json.loads(body)
    except (ValueError, TypeError, RecursionError):
        return None
    if task == RUN_JOB:
        right = _names_a_job(arguments)
    else:
        right = task in (ADMIT_JOBS, EXPIRE_JOBS) and arguments == []
    if not right or named != {}:
        return None
    own_headers = {
        "lang": "py",
        "task": task,
        "id": arguments[0] if arguments else task_id,
        # A job's does not end: Celery would refuse its id from then on, whoever sends it
        "expires": None if task == RUN_JOB else expires,
        "retries": 0,
        "argsrepr": repr(arguments),
        "kwargsrepr": "{}",
        "ignore_result": True,
    }
    return own_headers, json.dumps([arguments, {}, {}]).encode()


def _names_a_job(arguments: object) -> bool:
    match arguments:
        case [str() as job_id]:
            return is_job_id(job_id)
        case _:
            return False


def _is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_WORD
