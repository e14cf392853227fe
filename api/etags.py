"""Conditional requests: the entity tags that a caller knows already."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')


@dataclass(frozen=True, slots=True)
class KnownTags:
    """What `If-None-Match` names."""

    tags: frozenset[str]
    anything: bool

    def matches(self, tag: str) -> bool:
        """Whether the caller has this version (compared weakly, as RFC 9110 wants it)."""
        return self.anything or tag in self.tags


def if_none_match(request: Request) -> KnownTags | None:
    """The tags in `If-None-Match`; None where the header was not sent."""
    sent = request.headers.get("if-none-match")
    if sent is None:
        return None
    if sent.strip() == "*":
        return KnownTags(frozenset(), anything=True)
    # A bare value is no entity tag, but plain clients send what they understood of one.
    tags = _TAG.findall(sent) or [f'"{sent.strip()}"']
    return KnownTags(frozenset(tags), anything=False)
