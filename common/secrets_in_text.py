"""Covers secrets in what is about to be logged: a last line of defence, not a licence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import SecretStr
from pydantic_settings import BaseSettings

COVER: Final = "***"
_SHORTEST: Final = 8
"""Characters; to cover a shorter word wherever it stands would cover what is no secret."""
_IN_URL: Final = re.compile(r"(://[^\s/:@]*:)[^\s/]+(?=@)")
_NAME: Final = r"(?:passw(?:or)?d|pwd|secret|token|api[_-]?key)"
# Also as the end of a longer name, and as a member of JSON, also in a string of JSON, or of a dict.
_NAMED: Final = re.compile(
    rf"({_NAME}=)(?:'[^']*'|\"[^\"]*\"|[^\s&,;)'\"]+)"
    rf"|({_NAME}\\*['\"]?\s*:\s*\\*)(?:'[^']*'|\"[^\"]*\")",
    re.IGNORECASE,
)
KEY_SHAPE: Final = r"bb_[A-Za-z0-9_-]{52}(?![A-Za-z0-9_-])"
"""A key as we make them."""
TOKEN_SHAPE: Final = r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"  # noqa: S105 - the shape of one
"""A signed token, whoever signed it."""
# Not in the midst of a word: what is all `eyJ` would be read again from each of them.
_OURS: Final = re.compile(rf"{KEY_SHAPE}|(?<![A-Za-z0-9_-]{{3}}){TOKEN_SHAPE}")
# For answers, which repeat what was sent, perhaps cut: also the beginning of one, and one with more
# behind it. A name that begins like a key rarely has capitals. Logs keep what is not a whole one.
_LIKE_OURS: Final = re.compile(
    r"bb_(?=[a-z0-9_-]{0,40}[A-Z])[A-Za-z0-9_-]{20,}"
    r"|(?<![A-Za-z0-9_-]{3})eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*)?"
)
_AS_LONG_AS_A_KEY: Final = re.compile(
    r"(?<![^/.])(?!(?:batch|caller)_[0-9a-z]{26}(?![^/.]))[^/.]{32,}(?![^/.])"
)
_BEARER: Final = re.compile(r"\b(Bearer\s+)[^\s'\",]{8,}", re.IGNORECASE)


class Redactor:
    """Replaces secrets, known ones and what looks like one, by `***`."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        long_enough = {secret for secret in secrets if len(secret) >= _SHORTEST}
        # The longest first: one may be a part of another.
        ordered = sorted(long_enough, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def __call__(self, text: str) -> str:
        """`text` without secrets."""
        if self._known is not None:
            text = self._known.sub(COVER, text)
        text = _IN_URL.sub(rf"\1{COVER}", text)
        text = _NAMED.sub(rf"\1\2{COVER}", text)
        text = _OURS.sub(COVER, text)
        return _BEARER.sub(rf"\1{COVER}", text)


def cover_credentials(text: str) -> str:
    """`text` without what has the shape of a credential of ours, or of the beginning of one."""
    return _LIKE_OURS.sub(COVER, text)


def cover_path(path: str) -> str:
    """A path without what may be a credential: parts as long as a key, but for ids of ours.

    An API_KEY that somebody chose has no shape, and 32 characters at least. One with slashes or
    dots in it is covered as far as what is between them is as long.
    """
    return _AS_LONG_AS_A_KEY.sub(COVER, cover_credentials(path))


def secrets_of(settings: BaseSettings) -> Iterator[str]:
    """Every secret of the settings, and the passwords inside those that are URLs."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        for one in value if isinstance(value, tuple | list) else (value,):
            if isinstance(one, SecretStr):
                yield from _with_passwords(one.get_secret_value())


def _with_passwords(secret: str) -> Iterator[str]:
    yield secret
    if "://" not in secret:
        return
    address = urlsplit(secret)
    if address.password:
        yield address.password
        yield unquote(address.password)
    for name, value in parse_qsl(address.query):
        if "password" in name.lower():
            yield value
