"""Passwords, of which only Argon2 hashes are kept."""

from functools import lru_cache

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

HASHER = PasswordHash((Argon2Hasher(),))
MAX_AT_ONCE = 4
"""How many are hashed at the same time: each takes 64 MiB, and anybody may send some."""

AT_ONCE = CapacityLimiter(MAX_AT_ONCE)


async def hash_password(password: str) -> str:
    """Make what is kept of a password."""
    return await run_sync(HASHER.hash, password, limiter=AT_ONCE)


async def is_password_of(password: str, known: str | None) -> bool:
    """Compare a password with what is kept of one; where nothing is, take as long to say no."""
    matches = await run_sync(_verify, password, known, limiter=AT_ONCE)
    return matches and known is not None


def _verify(password: str, known: str | None) -> bool:
    return HASHER.verify(password, known or _hash_of_nobody())


@lru_cache
def _hash_of_nobody() -> str:
    return HASHER.hash("the password of a user who does not exist")
