"""Where a request comes from: the peer, or what a trusted proxy says of its own peer."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

_SITE_BITS = 64  # what one customer gets of IPv6: counting single addresses would count nobody


class Addresses:
    """Sees through the proxies that it was told to trust, and through nobody else."""

    def __init__(self, trusted_proxies: Sequence[str]) -> None:
        """`trusted_proxies` are addresses or networks; ValueError if one can't be read."""
        self._trusted = [ip_network(entry, strict=False) for entry in trusted_proxies]

    def read(self, scope: MutableMapping[str, Any]) -> tuple[str, bool]:
        """(the caller's address as a bucket's name, whether the caller spoke TLS)."""
        client = scope.get("client")
        peer = _parse(client[0]) if client else None
        secure = scope.get("scheme") == "https"
        if peer is None or not self._trusted or not self._trusts(peer):
            return _bucket(peer), secure
        address = peer
        forwarded: list[str] = []
        for name, value in scope["headers"]:
            if name == b"x-forwarded-for":
                forwarded += value.decode("latin-1").split(",")
            elif name == b"x-forwarded-proto":
                secure = value.strip().lower() == b"https"
        # Only the right end was written by proxies; what stands before the last hop that nobody
        # vouches for is the caller's own invention.
        for text in reversed(forwarded):
            hop = _parse(text.strip())
            if hop is None:
                break
            address = hop
            if not self._trusts(hop):
                break
        return _bucket(address), secure

    def _trusts(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._trusted)


@lru_cache(maxsize=1024)  # the same few addresses send most requests
def _parse(text: str) -> IPv4Address | IPv6Address | None:
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _bucket(address: IPv4Address | IPv6Address | None) -> str:
    if address is None:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address) >> _SITE_BITS << _SITE_BITS, _SITE_BITS)))
    return str(address)
