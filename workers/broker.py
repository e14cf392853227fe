"""What comes from the broker before it is a message: nothing in it ends the worker."""

from __future__ import annotations

import logging
from typing import Any, Final, NoReturn

from kombu import compression
from kombu.transport import TRANSPORT_ALIASES, redis

_ODDITIES: Final = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What kombu raises over something that is no message of its own. Lost connections are others."""

log = logging.getLogger("backbone.worker")


class CarefulChannel(redis.Channel):
    """Drops what it can't read; kombu's would let it end the worker."""

    def _brpop_read(self, **options: Any) -> Any:  # noqa: ANN401 - kombu's own types say no more
        try:
            return super()._brpop_read(**options)  # type: ignore[no-untyped-call]  # kombu
        except _ODDITIES as error:
            return _drop(error)

    def _receive(self) -> Any:  # noqa: ANN401
        try:
            return super()._receive()  # type: ignore[no-untyped-call]  # as above
        except _ODDITIES as error:
            return _drop(error)


class CarefulTransport(redis.Transport):
    """Redis as a broker, read carefully."""

    Channel = CarefulChannel


def read_carefully() -> None:
    """Have this process read brokers so, from the next connection on, and unpack nothing.

    We send nothing packed: what is would be unpacked to whatever size, before anybody looks at it.
    """
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}:CarefulTransport"
    for kind in compression.encoders():  # type: ignore[no-untyped-call]  # as above
        encode, _ = compression.get_encoder(kind)  # type: ignore[no-untyped-call]  # as above
        compression.register(encode, _refuse, kind)  # type: ignore[no-untyped-call]  # as above


def _refuse(_body: bytes) -> NoReturn:
    raise ValueError("nothing that is packed is read")


def _drop(error: Exception) -> bool:
    # What the error itself says may be what was sent.
    log.warning(
        "message.unreadable",
        extra={"reason": type(error).__name__},
        exc_info=log.isEnabledFor(logging.DEBUG),
    )
    return True
