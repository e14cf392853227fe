"""How a PostgreSQL session begins, and which one is let in.

The first packet of a session is the only one that is not typed. Whoever it names stays the
authenticated user of the session for good: all that follows is passed on unread.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Awaitable, Callable
from typing import Final

from workers.engines.gate import Meter, RefusedError, Side, copy
from workers.engines.server import Credentials

_VERSION: Final = 3 << 16
_CANCEL: Final = 80877102
_ENCRYPT: Final = (80877103, 80877104)  # TLS and GSSAPI
_LEAST_BYTES, _MOST_BYTES = 8, 10_000
_LEAST_PASSWORD: Final = 5
_ASK_PASSWORD: Final = struct.pack("!cII", b"R", 8, 3)
_PASSED_ON: Final = frozenset(
    {"application_name", "client_encoding", "datestyle", "extra_float_digits", "timezone"}
)
"""What a client may set as it begins; `options` and `replication` are not among it."""


class PostgresqlEntry:
    """Lets in one role, to one database."""

    socket_name = ".s.PGSQL.5432"

    def __init__(self, made: Credentials) -> None:
        self._made = made

    async def let_in(self, guest: Side, connect: Callable[[], Awaitable[Side]]) -> Side:
        """Read the first packet, and send one that says the same of what is allowed."""
        code, body = await _first_packet(guest)
        for _ in _ENCRYPT:  # a client asks for each at most once, and goes on without
            if code in _ENCRYPT:
                await guest.send(b"N")
                code, body = await _first_packet(guest)
        if code == _CANCEL:
            raise RefusedError("a request to cancel")
        if code != _VERSION:
            raise _refuse(f"protocol {code}")
        wanted = _parameters(body)
        name = self._made.name
        user, database = wanted.pop("user", ""), wanted.pop("database", name)
        if user != name or database != name:
            raise _refuse("another user or database")
        if others := wanted.keys() - _PASSED_ON:
            raise _refuse(f"the parameter {min(others)}")
        await self._check_password(guest)
        server = await connect()
        await server.send(_packet({"user": name, "database": name, **wanted}))
        return server

    async def _check_password(self, guest: Side) -> None:
        """Ask for the password, as a server that trusts its socket would not."""
        await guest.send(_ASK_PASSWORD)
        kind, length = struct.unpack("!cI", await guest.reader.readexactly(5))
        if kind != b"p" or not _LEAST_PASSWORD <= length <= _MOST_BYTES:
            raise _refuse("what is no password")
        said = await guest.reader.readexactly(length - 4)
        if not hmac.compare_digest(said, self._made.password.encode() + b"\0"):
            raise _refuse("another password")

    async def pass_on(self, guest: Side, server: Side, meter: Meter) -> None:
        """Carry all that the client says."""
        await copy(guest, server, meter)

    def url(self, folder: str, made: Credentials) -> str:
        """The URL of the database behind the gate, as every driver understands it."""
        return f"postgresql://{made.name}:{made.password}@/{made.name}?host={folder}"


async def _first_packet(guest: Side) -> tuple[int, bytes]:
    """The code that an untyped packet begins with, and the rest of it."""
    (length,) = struct.unpack("!I", await guest.reader.readexactly(4))
    if not _LEAST_BYTES <= length <= _MOST_BYTES:
        raise RefusedError("no beginning of a session")
    body = await guest.reader.readexactly(length - 4)
    return struct.unpack("!I", body[:4])[0], body[4:]


def _parameters(body: bytes) -> dict[str, str]:
    """The names, in lower case, and values of a startup packet, each of which may come once."""
    try:
        parts = body.decode().split("\0")
    except UnicodeDecodeError:
        raise _refuse("text that is not UTF-8") from None
    *pairs, last, end = parts if len(parts) > 1 else ["", "", ""]
    if last or end or len(pairs) % 2:
        raise _refuse("parameters without an end")
    names = [name.lower() for name in pairs[::2]]
    if len(set(names)) != len(names) or not all(names):
        raise _refuse("a parameter that comes twice")
    return dict(zip(names, pairs[1::2], strict=True))


def _packet(parameters: dict[str, str]) -> bytes:
    said = "".join(f"{name}\0{value}\0" for name, value in parameters.items()).encode() + b"\0"
    return struct.pack("!II", len(said) + 8, _VERSION) + said


def _refuse(reason: str) -> RefusedError:
    fields = ("SFATAL", "VFATAL", "C28000", f"Mthe gate refuses {reason}")
    said = "".join(f"{field}\0" for field in fields).encode() + b"\0"
    return RefusedError(reason, b"E" + struct.pack("!I", len(said) + 4) + said)
