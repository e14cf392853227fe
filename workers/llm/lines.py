"""The connections of one chat model, so that whoever gives a call up can cut them."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final

Hooks = dict[str, list[Callable[[Any], None]]]
"""What an HTTP client calls with each request and response."""

_MOST_KEPT: Final = 8


class Line:
    """Hears of each connection as it is made; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: deque[Any] = deque(maxlen=_MOST_KEPT)
        self._is_cut = False

    @property
    def is_cut(self) -> bool:
        """Whether nobody is to use it any more."""
        return self._is_cut

    def watch(self, request: Any) -> None:  # noqa: ANN401 - of httpx or httpx2
        """Hear of the connections that the request makes: a hook of the HTTP client."""
        request.extensions["trace"] = self._note

    def cut(self) -> None:
        """Have whoever reads from a connection, or will, find its end there at once.

        They are not closed: the thread that uses one does that, so nobody reads from another's.
        """
        with self._lock:
            self._is_cut = True
            for each in self._sockets:
                _end(each)

    def _note(self, event: str, told: dict[str, Any]) -> None:
        if event not in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            return
        made = told["return_value"].get_extra_info("socket")
        if made is None:
            return
        with self._lock:
            self._sockets.append(made)
            if self._is_cut:
                _end(made)


def _end(made: Any) -> None:  # noqa: ANN401 - a socket, or one of TLS
    with contextlib.suppress(OSError):
        made.shutdown(socket.SHUT_RDWR)
