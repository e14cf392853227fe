"""Ports: taken for good before anything is started, or found free."""

from __future__ import annotations

import socket

from common.errors import BackboneError


class PortTakenError(BackboneError):
    """An address can't be listened on; the message says which and which setting chose it."""


def listen(host: str, port: int, *, setting: str) -> socket.socket:
    """A listening socket on `host:port` (0: any free port), to be handed to a child.

    Raises PortTakenError, naming `setting`, when the address can't be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(1024)
    except OSError as error:
        listening.close()
        reason = (error.strerror or str(error)).lower()
        raise PortTakenError(f"Can't listen on {host}:{port} ({setting}): {reason}") from None
    return listening


def choose(host: str, port: int, *, setting: str) -> int:
    """`port`, if it can be listened on now, or a free one for 0; PortTakenError otherwise.

    For servers that can't be handed a socket: somebody else may take the port in between.
    """
    with listen(host, port, setting=setting) as listening:
        return int(listening.getsockname()[1])


def answers(host: str, port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False
