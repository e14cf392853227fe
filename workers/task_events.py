"""Tells Flower of tasks in bundles: Celery publishes nearly each of a task's events by itself."""

from __future__ import annotations

from typing import Any, Final

from celery.bootsteps import StartStopStep
from celery.worker.consumer.events import Events

GATHER_SECONDS: Final = 0.2
"""How much later Flower may hear of an event; of many, it hears sooner."""


class BundledEvents(StartStopStep):  # type: ignore[misc]  # Celery leaves it untyped
    """A step of Celery's consumer: what its dispatcher keeps is sent a little later, together."""

    requires = (Events,)

    def start(self, consumer: Any) -> None:  # noqa: ANN401 - Celery's own types say no more
        """Take over when to send, from a dispatcher that is new after each lost connection."""
        dispatcher, hub = consumer.event_dispatcher, consumer.hub
        if dispatcher is None or hub is None:
            return
        waiting = False

        def send() -> None:
            nonlocal waiting
            waiting = False
            dispatcher.flush()

        def send_soon() -> None:
            nonlocal waiting
            if not waiting:
                waiting = True
                hub.call_later(GATHER_SECONDS, send)

        dispatcher.on_send_buffered = send_soon

    def shutdown(self, consumer: Any) -> None:  # noqa: ANN401
        """Send what is left, before the dispatcher is closed."""
        if consumer.event_dispatcher is not None:
            consumer.event_dispatcher.flush()
