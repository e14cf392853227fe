"""What is asked of a database server: throwaway databases, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from workers.engines.address import Address

MOST_CONNECTIONS: Final = 32
"""To one throwaway database at a time."""
STATEMENT_SECONDS: Final = 60
ANSWER_SECONDS: Final = 60
"""That the administrator waits for."""


class EngineError(Exception):
    """A server that can't be reached, or that refuses what is asked of it."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A throwaway database and its user, who has the same name."""

    name: str
    password: str


class Server(Protocol):
    """One server with its administrator; connects when it is needed. EngineError from all."""

    db_type: str
    address: Address

    def greet(self) -> str:
        """Connect, and say what it is: its name and version."""

    def log_in(self, url: str) -> None:
        """Open a session as the user of a throwaway database, and end it."""

    def names(self) -> set[str]:
        """Databases and users whose names begin as ours do."""

    def create(self, made: Credentials) -> None:
        """Make a database, and a user who may do what he likes in it and nothing elsewhere."""

    def drop(self, name: str) -> None:
        """Remove a database and its user, whoever is connected to it."""

    def close(self) -> None:
        """Disconnect."""
