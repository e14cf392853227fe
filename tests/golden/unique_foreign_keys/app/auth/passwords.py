"""Passwords, of which only Argon2 hashes are kept."""

from functools import lru_cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

HASHER = PasswordHash((Argon2Hasher(),))
MAX_AT_ONCE = 4
"""How many are hashed at the same time: each takes 64 MiB, and anybody may send some."""

AT_ONCE = BoundedSemaphore(MAX_AT_ONCE)


def hash_password(password: str) -> str:
    """Make what is kept of a password."""
    with AT_ONCE:
        return HASHER.hash(password)


def is_password_of(password: str, known: str | None) -> bool:
    """Compare a password with what is kept of one; where nothing is, take as long to say no."""
    with AT_ONCE:
        matches = _verify(password, known)
    return matches and known is not None


def _verify(password: str, known: str | None) -> bool:
    return HASHER.verify(password, known or _hash_of_nobody())


@lru_cache
def _hash_of_nobody() -> str:
    return HASHER.hash("the password of a user who does not exist")
