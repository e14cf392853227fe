"""The API as a process: `python -m api.server`, on API_HOST and API_PORT.

The local stack hands in a listening socket instead, which outlives the process, so that a restart
refuses no connection.
"""

from __future__ import annotations

import socket
import sys

import uvicorn

from api.protocol import ProblemProtocol
from common.settings import SettingsError, read_settings


def main() -> None:
    """Serve until SIGTERM; on the socket whose file descriptor is the first argument, if any."""
    try:
        settings = read_settings()
    except SettingsError as error:
        sys.exit(f"backbone: the API can't start\n{error}")
    configuration = uvicorn.Config(
        "api.app:make_app",
        factory=True,
        host=settings.api_host,
        port=settings.api_port,
        access_log=False,
        log_config=None,  # its lines go the way of ours
        http=ProblemProtocol,
        ws="none",  # there are no websockets: an upgrade is a request like any other
        proxy_headers=False,  # the API itself decides whom to believe: TRUSTED_PROXIES
        timeout_graceful_shutdown=3,
        server_header=False,
    )
    sockets = [socket.socket(fileno=int(sys.argv[1]))] if len(sys.argv) > 1 else None
    uvicorn.Server(configuration).run(sockets=sockets)


if __name__ == "__main__":
    main()
