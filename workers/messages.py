"""Looks at a message before Celery does, which ends the whole worker over some malformed ones.

Such a message would be delivered to the next worker, and end that one too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celery.exceptions import InvalidTaskError
from celery.worker.strategy import default


def careful_strategy(task: Any, app: Any, consumer: Any, **more: Any) -> Callable[..., None]:  # noqa: ANN401 - Celery's own types say no more
    """Celery's strategy for the messages of a task, behind a look at their form."""
    handle = default(task, app, consumer, **more)

    def look(message: Any, *others: Any, **named: Any) -> None:  # noqa: ANN401
        if not _is_call(message.payload):
            raise InvalidTaskError("the body is not [arguments, named arguments, callbacks]")
        try:
            handle(message, *others, **named)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InvalidTaskError(f"odd headers: {error!r}") from error

    return look


def _is_call(body: object) -> bool:
    """Whether it reads like the second version of Celery's protocol; nobody sends the first."""
    match body:
        case [list(), dict(), dict()]:
            return True
        case _:
            return False
