"""How a MySQL session begins, which one is let in, and what it may ask for afterwards.

A session could change its user later (`COM_CHANGE_USER`), so every command of the client is looked
at. TLS and compression are taken out of what the server offers, so that they can be.
"""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable
from typing import Final

from workers.engines.gate import Meter, RefusedError, Side
from workers.engines.server import Credentials

_CONNECT_WITH_DATABASE: Final = 1 << 3
_COMPRESS: Final = 1 << 5
_LOCAL_FILES: Final = 1 << 7
_PROTOCOL_41: Final = 1 << 9
_TLS: Final = 1 << 11
_SECURE_CONNECTION: Final = 1 << 15
_LONG_AUTHENTICATION: Final = 1 << 21
_COMPRESS_ZSTD: Final = 1 << 26
_UNREADABLE: Final = _TLS | _COMPRESS | _COMPRESS_ZSTD
_DENIED: Final = _UNREADABLE | _LOCAL_FILES

_OK, _MORE, _ERROR = 0x00, 0x01, 0xFF
_FAST_ENOUGH: Final = b"\x01\x03"
"""The one message during a login that waits for no answer."""
_MOST_LOGIN_BYTES: Final = 10_000
_MOST_LOGIN_PACKETS: Final = 20
_FULL_PACKET: Final = 0xFFFFFF
_CHUNK: Final = 64 * 1024
_RESPONSE_HEADER: Final = 32
_PASSED_ON: Final = frozenset(
    {
        0x01,  # quit
        0x02,  # use a database
        0x03,  # query
        0x04,  # list fields
        0x0E,  # ping
        0x16,  # prepare
        0x17,  # execute
        0x18,  # send a long value
        0x19,  # close a statement
        0x1A,  # reset a statement
        0x1B,  # allow several statements
        0x1C,  # fetch
        0x1F,  # reset the session
    }
)
"""All other commands change the user, replicate, or administer the server."""


class MysqlEntry:
    """Lets in one user, to one database."""

    socket_name = "mysql.sock"

    def __init__(self, made: Credentials) -> None:
        self._made = made

    async def let_in(self, guest: Side, connect: Callable[[], Awaitable[Side]]) -> Side:
        """Carry a login in turns, until the server says whether it is good."""
        server = await connect()
        number, greeting = await _packet(server)
        await _send(guest, number, _with_less_offered(greeting))
        number, answer = await _packet(guest)
        await _send(server, number, self._checked(number, answer))
        for _ in range(_MOST_LOGIN_PACKETS):
            number, said = await _packet(server)
            await _send(guest, number, said)
            if said[:1] == bytes([_OK]):
                return server
            if said[:1] == bytes([_ERROR]):
                raise RefusedError("a login that the server refuses")
            if said != _FAST_ENOUGH:
                number, answer = await _packet(guest)
                await _send(server, number, answer)
        raise RefusedError("a login without an end")

    async def pass_on(self, guest: Side, server: Side, meter: Meter) -> None:
        """Carry command by command, however many packets each has."""
        begins = True
        while True:
            header = await guest.reader.readexactly(4)
            left = length = int.from_bytes(header[:3], "little")
            said = header
            if begins:
                said += await guest.reader.readexactly(min(length, 1))
                left -= 1
                if length == 0 or header[3] != 0 or said[4] not in _PASSED_ON:
                    raise _refuse("this command", header[3])
            meter.count(length + 4)
            while left:
                said += await guest.reader.readexactly(min(left, _CHUNK))
                left = max(0, left - _CHUNK)
                await server.send(said)
                said = b""
            if said:
                await server.send(said)
            begins = length < _FULL_PACKET

    def url(self, folder: str, made: Credentials) -> str:
        """The URL of the database behind the gate, as every driver understands it."""
        place = f"{folder}/{self.socket_name}"
        return f"mysql://{made.name}:{made.password}@localhost/{made.name}?unix_socket={place}"

    def _checked(self, number: int, answer: bytes) -> bytes:
        """The client's answer to the greeting, if it is the throwaway user's."""
        if len(answer) <= _RESPONSE_HEADER:
            raise _refuse("TLS, or a login that is none", number)
        (wants,) = struct.unpack("<I", answer[:4])
        if wants & _UNREADABLE or not wants & _PROTOCOL_41:
            raise _refuse("TLS, compression and old protocols", number)
        user, rest = _until_zero(answer[_RESPONSE_HEADER:], number)
        database = self._made.name.encode()
        if wants & _CONNECT_WITH_DATABASE:
            database, _ = _until_zero(_after_proof(rest, wants, number), number)
        if user != self._made.name.encode() or database not in (b"", user):
            raise _refuse("another user or database", number)
        # What lies between is filler, where MariaDB's clients ask for more of its own
        kept = answer[4:9] + bytes(_RESPONSE_HEADER - 9)
        return struct.pack("<I", wants & ~_DENIED) + kept + answer[_RESPONSE_HEADER:]


async def _packet(side: Side) -> tuple[int, bytes]:
    """One packet of a login: its number and what it says."""
    header = await side.reader.readexactly(4)
    length = int.from_bytes(header[:3], "little")
    if not 0 < length <= _MOST_LOGIN_BYTES:
        raise RefusedError("no login")
    return header[3], await side.reader.readexactly(length)


async def _send(side: Side, number: int, said: bytes) -> None:
    await side.send(len(said).to_bytes(3, "little") + bytes([number]) + said)


def _with_less_offered(greeting: bytes) -> bytes:
    """The server's greeting without what would hide the session from the gate."""
    if greeting[:1] == bytes([_ERROR]):
        return greeting  # too many connections, for instance: the client gives up
    version_end = greeting.find(b"\0", 1)
    low = version_end + 1 + 4 + 8 + 1  # after the thread, the first part of the nonce, a filler
    high, reserved = low + 5, low + 8
    if greeting[0] != 10 or version_end < 0 or len(greeting) < reserved + 10:  # noqa: PLR2004 - the version of the protocol
        raise RefusedError("a server that speaks another protocol")
    offered = int.from_bytes(greeting[low : low + 2] + greeting[high : high + 2], "little")
    kept = (offered & ~_DENIED).to_bytes(4, "little")
    return (
        greeting[:low]
        + kept[:2]
        + greeting[low + 2 : high]
        + kept[2:]
        + greeting[high + 2 : reserved]
        + bytes(10)  # MariaDB's further offers are in here
        + greeting[reserved + 10 :]
    )


def _until_zero(said: bytes, number: int) -> tuple[bytes, bytes]:
    found, zero, rest = said.partition(b"\0")
    if not zero:
        raise _refuse("a login without an end", number)
    return found, rest


def _after_proof(said: bytes, wants: int, number: int) -> bytes:
    """What comes after the answer to the server's nonce."""
    if not wants & (_SECURE_CONNECTION | _LONG_AUTHENTICATION):
        return _until_zero(said, number)[1]
    # A length over 250 would take more than a byte; no proof is that long
    if not said or said[0] > 250:  # noqa: PLR2004 - see above
        raise _refuse("a login without an end", number)
    return said[1 + said[0] :]


def _refuse(reason: str, number: int) -> RefusedError:
    said = b"\xff" + struct.pack("<H", 1045) + b"#28000the gate refuses " + reason.encode()
    packet = len(said).to_bytes(3, "little") + bytes([(number + 1) % 256]) + said
    return RefusedError(reason, packet)
