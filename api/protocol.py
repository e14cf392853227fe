"""HTTP as uvicorn speaks it, within bounds, with a problem also for what is no HTTP at all.

uvicorn waits for ever for whoever sends slowly or does not read, takes heads of any size and as
many connections as come. What is decided here is decided before the application sees a request.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import struct
import termios
from asyncio import Transport
from typing import Any, Final, cast

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from api.edge import Edge
from common.errors import RequestError

MOST_HEAD_BYTES: Final = 32 * 1024
MOST_HEADERS: Final = 100
MOST_REQUESTS_AHEAD: Final = 32
"""Requests that were sent without waiting for the answers to those before."""

_TICK_SECONDS: Final = 1.0
_PROXY_KEEP_ALIVE_SECONDS: Final = 75
"""Longer than proxies keep theirs: who closes first must be the one who sends."""
_LINGER_SECONDS: Final = 2.0
"""Closing at once, with something unread, would reset the connection and lose the answer."""
_ANSWER_WINDOWS: Final = 3
"""An honest reader's system lets us know in lumps what was read; there is more time for them."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection: its heads, bodies and answers are bounded in size and in time.

    One timer looks once a second at what the connection is waiting for.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        edge: Edge,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._edge = edge
        self._bounds = edge.bounds
        self._timer: asyncio.TimerHandle | None = None
        self._gone_at: float | None = None
        """When a connection is closed that was told to go; nothing is read from it any more."""
        self._answering: RequestResponseCycle | None = None
        self._head_due: float | None = None
        """When the head has to be there that is being waited for."""
        self._in_body = False
        self._barren_bytes = 0
        """What came in since the last head or piece of a body was whole."""
        self._body_bytes = 0
        self._body_seconds = 0.0
        self._refused_bytes = 0
        self._refused_seconds = 0.0
        self._unsent_bytes = 0
        self._unsent_seconds = 0.0

    # What happens to the connection

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head, or send away whom there is no place for."""
        super().connection_made(transport)
        refusal = self._edge.enter(self.client, len(self.connections))
        if refusal is not None:
            self._write(refusal)
            self._go(now=True)
            return
        if self._edge.is_proxy(self.client):
            self.timeout_keep_alive = _PROXY_KEEP_ALIVE_SECONDS
        self._head_due = self.loop.time() + self._bounds.head_seconds
        self._timer = self.loop.call_later(_TICK_SECONDS, self._tick)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop looking at it."""
        if self._timer is not None:
            self._timer.cancel()
        self._leave()
        self._edge.leave(self.client)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what was sent, unless the sender was told to go."""
        self._unset_keepalive_if_required()
        if not self._in_body and self._head_due is None:
            self._head_due = self.loop.time() + self._bounds.head_seconds
        self._barren_bytes += len(data)
        while data and self._gone_at is None:
            data = self._feed(data)
        if self._barren_bytes > MOST_HEAD_BYTES:
            self._refuse(_head_too_large())

    def _feed(self, data: bytes) -> bytes:
        """Parse `data`; what is to be parsed after it."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return self._without_upgrade() + data[upgrade.args[0] :]
        except httptools.HttpParserError as error:
            ours = error.__context__
            self._refuse(ours if isinstance(ours, RequestError) else _malformed())
        return b""

    def _without_upgrade(self) -> bytes:
        """The head that asked for another protocol, without its wish: there is no other.

        Its parser would take the body for the other protocol, and then for a next request.
        """
        version = self.parser.get_http_version().encode()
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        lines = [b"%s %s HTTP/%s" % (self.scope["method"].encode(), self.url, version)]
        lines += [b"%s: %s" % header for header in self.headers if header[0] != b"upgrade"]
        return b"\r\n".join(lines) + b"\r\n\r\n"

    # What the parser finds

    def on_message_begin(self) -> None:
        """The first byte of a head."""
        super().on_message_begin()
        self._head_due = self.loop.time() + self._bounds.head_seconds

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; what follows a body are none, whatever they say."""
        if not self._in_body:
            super().on_header(name, value.strip(b" \t"))

    def on_headers_complete(self) -> None:
        """The head is whole: refuse what can be read in two ways, or begin to serve it."""
        if self.parser.should_upgrade():
            self.scope["method"] = self.parser.get_method().decode("ascii")
            if self.scope["method"] == "CONNECT":
                raise _malformed("This is no proxy.")
            return
        self._check_head()
        super().on_headers_complete()
        self._in_body = True
        self._head_due = None
        self._barren_bytes = self._body_bytes = self._refused_bytes = 0
        self._body_seconds = self._refused_seconds = 0.0

    def _check_head(self) -> None:
        size, codings = len(self.url), []
        for name, value in self.headers:
            size += len(name) + len(value)
            if name == b"transfer-encoding":
                codings.append(value)
        if size > MOST_HEAD_BYTES or len(self.headers) > MOST_HEADERS:
            raise _head_too_large()
        if len(self.pipeline) >= MOST_REQUESTS_AHEAD:
            raise _malformed("Too many requests were sent ahead.")
        version = self.parser.get_http_version()
        if version not in {"1.1", "1.0"}:
            raise _malformed("Only HTTP/1.1 and HTTP/1.0 are spoken here.")
        # The parser takes any list that ends in `chunked`, which others read in other ways
        if codings and (
            len(codings) > 1 or version == "1.0" or codings[0].strip().lower() != b"chunked"
        ):
            raise _malformed("Bodies come as they are or `chunked`, and in no other coding.")
        if not self.url.startswith(b"/") and self.url != b"*":
            self._check_absolute_target()

    def _check_absolute_target(self) -> None:
        """A target with a host of its own must name the one that `Host` names."""
        scheme, _, rest = self.url.lower().partition(b"://")
        usual = b":443" if scheme == b"https" else b":80"
        authority = rest.partition(b"/")[0].partition(b"?")[0].removesuffix(usual)
        hosts = [value.lower() for name, value in self.headers if name == b"host"]
        if [authority] != [host.removesuffix(usual) for host in hosts]:
            raise _malformed("The target of the request names another host than Host.")

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._barren_bytes = 0
        self._body_bytes += len(body)
        if self.cycle.response_complete:
            self._refused_bytes += len(body)
            if self._refused_bytes > self._bounds.refused_bytes and self._gone_at is None:
                self._go(now=True)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        if not self.parser.should_upgrade():
            self._in_body = False
            self._barren_bytes = 0
            self.scope = None  # type: ignore[assignment]  # the next head has its own
            if self.cycle.response_complete:  # nothing else limits the wait for the next head
                self._head_due = self.loop.time() + self._bounds.head_seconds
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """What was sent ahead of a next head counts from now on: it could not be read before."""
        super().on_response_complete()
        if self._head_due is not None:
            self._head_due = self.loop.time() + self._bounds.head_seconds

    # What the timer finds

    def _tick(self) -> None:
        self._timer = self.loop.call_later(_TICK_SECONDS, self._tick)
        now = self.loop.time()
        if self._gone_at is not None and now >= self._gone_at:
            self.transport.close()
        elif self._gone_at is None:
            self._look_at_request(now)
        self._look_at_answer()

    def _look_at_request(self, now: float) -> None:
        if self._in_body:
            if self.cycle.response_complete:
                self._refused_seconds += _TICK_SECONDS
                if self._refused_seconds >= self._bounds.refused_seconds:
                    self._go(now=True)
                    return
            # Where we don't read, or have not yet asked for the body, nobody can be slow
            if self.flow.read_paused or self.cycle.waiting_for_100_continue:
                return
            self._body_seconds += _TICK_SECONDS
            if self._body_seconds >= self._bounds.window_seconds:
                if self._body_bytes < self._bounds.window_bytes:
                    self._refuse_slow("body")
                self._body_bytes, self._body_seconds = 0, 0.0
        elif self._head_due is not None and now >= self._head_due and not self._is_serving():
            self._refuse_slow("head")

    def _look_at_answer(self) -> None:
        """Hang up on who does not read what is written."""
        unsent = self.transport.get_write_buffer_size()
        if not unsent:
            self._unsent_bytes = 0
            return
        unsent += _unsent_by_system(self.transport)
        if unsent > self._unsent_bytes:  # more was written: begin again
            self._unsent_bytes, self._unsent_seconds = unsent, 0.0
            return
        self._unsent_seconds += _TICK_SECONDS
        if self._unsent_seconds >= self._bounds.window_seconds * _ANSWER_WINDOWS:
            if self._unsent_bytes - unsent < self._bounds.window_bytes:
                self._edge.note_slow(self._scope_so_far(), "answer")
                self.transport.abort()
            self._unsent_bytes, self._unsent_seconds = unsent, 0.0

    # Refusing

    def send_400_response(self, msg: str) -> None:
        """Tell of `msg` and hang up."""
        self._refuse(_malformed(msg))

    def _refuse_slow(self, what: str) -> None:
        if what == "head" and not self._barren_bytes and self.scope is None:  # nothing was asked
            self._go(now=True)
        else:
            self._edge.note_slow(self._scope_so_far(), what)
            self._refuse(RequestError(408, "too_slow", f"The {what} did not come in in time."))

    def _refuse(self, error: RequestError) -> None:
        """Answer with `error`, where an answer is due and not begun, and hang up."""
        if self._gone_at is not None or self.transport.is_closing():
            return
        if self._in_body:
            answers = not self.pipeline and not self.cycle.response_started
        else:
            answers = not self._is_serving()
        if answers:
            self._write(error)
        self._go(now=not answers)

    def _go(self, *, now: bool) -> None:
        """Read nothing more, and close: at once, or when the sender has had time to read."""
        self._gone_at = self.loop.time() + _LINGER_SECONDS
        self._leave()
        if now:
            self.transport.close()
        else:
            self.transport.write_eof()

    def _leave(self) -> None:
        """Let whoever is serving a request know that nobody waits for the answer any more."""
        # uvicorn itself tells only the newest of several requests that were sent ahead
        if self._answering is not None and not self._answering.response_complete:
            self._answering.waiting_for_100_continue = False
            self._answering.disconnected = True
            self._answering.message_event.set()

    def _write(self, error: RequestError) -> None:
        answer = self._edge.answer(error, self._scope_so_far())
        headers = [*self.server_state.default_headers, *answer.raw_headers]
        lines = b"".join(b"%s: %s\r\n" % header for header in headers)
        head = STATUS_LINE[error.status] + lines + b"connection: close\r\n\r\n"
        self.transport.write(head + bytes(answer.body))

    def _is_serving(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _scope_so_far(self) -> dict[str, Any]:
        """The scope of the request that is coming in, with the headers that are there."""
        if self.scope is not None:
            return cast("dict[str, Any]", self.scope)
        return {"client": self.client, "scheme": self.scheme, "headers": []}


def _malformed(detail: str = "Invalid HTTP request received.") -> RequestError:
    return RequestError(400, "malformed_request", detail)


def _head_too_large() -> RequestError:
    return RequestError(
        431,
        "head_too_large",
        f"A head has at most {MOST_HEADERS} headers and {MOST_HEAD_BYTES} bytes.",
    )


def _unsent_by_system(transport: Transport) -> int:
    """What the system has taken from us and the other side not yet from it, where it tells."""
    with contextlib.suppress(OSError):
        connection = transport.get_extra_info("socket")
        answer = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
        return int(struct.unpack("i", answer)[0])
    return 0
