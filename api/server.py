"""The API as a process: `python -m api.server`, on API_HOST and API_PORT.

The local stack hands in a listening socket instead, which outlives the process, so that a restart
refuses no connection.
"""

from __future__ import annotations

import resource
import socket
import sys
from functools import partial
from typing import Final, cast

import uvicorn

from api.app import make_app
from api.dependencies import Services
from api.edge import Edge
from api.protocol import BoundedProtocol

_OTHER_FILES: Final = 256
"""What is open beside the callers' connections: stores, logs, files that are read."""


def main() -> None:
    """Serve until SIGTERM; on the socket whose file descriptor is the first argument, if any."""
    app = make_app()
    services: Services = app.state.services
    settings = services.settings
    _allow_files(settings.max_connections + _OTHER_FILES)
    configuration = uvicorn.Config(
        app,
        host=settings.api_host,
        port=settings.api_port,
        access_log=False,
        log_config=None,  # its lines go the way of ours
        http=cast(
            "type[BoundedProtocol]",  # whatever makes one is good
            partial(BoundedProtocol, edge=Edge(app, services)),
        ),
        ws="none",  # there are no websockets: an upgrade is a request like any other
        proxy_headers=False,  # the API itself decides whom to believe: TRUSTED_PROXIES
        timeout_graceful_shutdown=3,
        server_header=False,
    )
    sockets = [socket.socket(fileno=int(sys.argv[1]))] if len(sys.argv) > 1 else None
    uvicorn.Server(configuration).run(sockets=sockets)


def _allow_files(count: int) -> None:
    """Raise the soft limit of open files to `count`, as far as the hard one lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    main()
