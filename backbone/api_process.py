"""The API as a child of the local stack: serves on the listening socket that it was handed.

The socket outlives it, so that a restart refuses no connection. Elsewhere the API runs by
`uvicorn --factory api.app:make_app`.
"""

from __future__ import annotations

import socket
import sys

import uvicorn

from api.protocol import ProblemProtocol


def main() -> None:
    """Serve until SIGTERM, on the socket whose file descriptor is the first argument."""
    listening = socket.socket(fileno=int(sys.argv[1]))
    configuration = uvicorn.Config(
        "api.app:make_app",
        factory=True,
        access_log=False,
        http=ProblemProtocol,
        ws="none",  # there are no websockets: an upgrade is a request like any other
        proxy_headers=False,  # the API itself decides whom to believe: TRUSTED_PROXIES
        timeout_graceful_shutdown=3,
        server_header=False,
    )
    uvicorn.Server(configuration).run(sockets=[listening])


if __name__ == "__main__":
    main()
