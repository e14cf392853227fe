"""The URL of a server that projects are tried on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlalchemy import URL

SOCKET_OPTIONS: Final = {"postgresql": "host", "mysql": "unix_socket"}
"""How the drivers name a Unix socket: PostgreSQL's its folder, MySQL's its path."""


def read_engine_url(db_type: str, text: str) -> URL:
    """The parts of a URL; ValueError, without the URL in it, where not all of it is understood."""
    # Here, because whoever only generates has no other use for SQLAlchemy, and it takes its time
    from sqlalchemy import make_url  # noqa: PLC0415
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # the latter where the port is no number
        raise ValueError("is no URL") from None
    option = SOCKET_OPTIONS[db_type]
    for name, value in url.query.items():
        if name != option or not isinstance(value, str) or not value.startswith("/"):
            raise ValueError(f"may have no option but {option}, an absolute path")
    return url
