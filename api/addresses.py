"""Where a request comes from, trusted proxies seen through, and whether it may come from there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final, NamedTuple

from common.networks import read_network

Address = IPv4Address | IPv6Address

_SITE_BITS: Final = 64  # what one customer gets of IPv6: counting single addresses counts nobody
_LONGEST: Final = 64  # an address with a zone and a port is shorter


class Origin(NamedTuple):
    """Where one request comes from."""

    address: str
    """The name of the caller's bucket: the address, of IPv6 the network of one site."""
    secure: bool
    """Whether the caller spoke TLS, to us or to a trusted proxy."""
    refused: bool
    """Whether nothing may come from there."""
    local: bool
    """Whether it comes from this machine, and through no proxy."""


class Networks:
    """Addresses and networks; asking costs the same for few and for many."""

    def __init__(self, entries: Sequence[str]) -> None:
        """ValueError if an entry is neither an address nor a network."""
        self._by_shape: dict[tuple[int, int], set[int]] = defaultdict(set)
        for entry in entries:
            network = read_network(entry)
            shift = network.max_prefixlen - network.prefixlen
            self._by_shape[network.version, shift].add(int(network.network_address) >> shift)

    def __bool__(self) -> bool:
        return bool(self._by_shape)

    def __contains__(self, address: Address) -> bool:
        number = int(address)
        return any(
            version == address.version and number >> shift in starts
            for (version, shift), starts in self._by_shape.items()
        )


class Addresses:
    """Sees through the proxies that it was told to trust, and through nobody else."""

    def __init__(
        self,
        trusted_proxies: Sequence[str],
        *,
        allowed: Sequence[str] = (),
        blocked: Sequence[str] = (),
    ) -> None:
        """All are addresses or networks; ValueError if one can't be read.

        With `allowed` nobody else may come; whoever is `blocked` may not even if allowed.
        """
        self._trusted = Networks(trusted_proxies)
        self._allowed = Networks(allowed)
        self._blocked = Networks(blocked)

    def is_proxy(self, client: tuple[str, int] | None) -> bool:
        """Whether who is connected is a proxy that is trusted."""
        peer = _parse(client[0]) if client else None
        return peer is not None and peer in self._trusted

    def read(self, scope: MutableMapping[str, Any]) -> Origin:
        """Where the request of `scope` comes from."""
        client = scope.get("client")
        peer = _parse(client[0]) if client else None
        secure = scope.get("scheme") == "https"
        if peer is None or not self._trusted or peer not in self._trusted:
            local = peer is not None and peer.is_loopback
            return Origin(_bucket(peer), secure, self._refuses(peer), local)
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
            if hop not in self._trusted:
                break
        local = peer.is_loopback and not forwarded
        return Origin(_bucket(address), secure, self._refuses(address), local)

    def _refuses(self, address: Address | None) -> bool:
        if address is None:  # nobody knows who it is
            return bool(self._allowed)
        return (bool(self._blocked) and address in self._blocked) or (
            bool(self._allowed) and address not in self._allowed
        )


def _parse(text: str) -> Address | None:
    return _parse_short(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=1024)  # the same few addresses send most requests
def _parse_short(text: str) -> Address | None:
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


@lru_cache(maxsize=1024)
def _bucket(address: Address | None) -> str:
    if address is None:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address) >> _SITE_BITS << _SITE_BITS, _SITE_BITS)))
    return str(address)
