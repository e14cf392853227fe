"""Passwords, of which only Argon2 hashes are kept."""

from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

HASHER = PasswordHash((Argon2Hasher(),))


def hash_password(password: str) -> str:
    """Make what is kept of a password."""
    return HASHER.hash(password)


def is_password_of(password: str, known: str | None) -> bool:
    """Compare a password with what is kept of one; where nothing is, take as long to say no."""
    matches = HASHER.verify(password, known or _hash_of_nobody())
    return matches and known is not None


@lru_cache
def _hash_of_nobody() -> str:
    return hash_password("the password of a user who does not exist")
