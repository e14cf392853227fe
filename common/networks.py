"""Addresses and networks as settings write them."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

_MAPPED: Final = IPv6Network("::ffff:0:0/96")


def read_network(entry: str) -> IPv4Network | IPv6Network:
    """An address or a network; ValueError if `entry` is neither.

    IPv4 that is written as IPv6 is IPv4, as callers' addresses are read: else it would hold nobody.
    """
    network = ip_network(entry, strict=False)
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        number = int(network.network_address) - int(_MAPPED.network_address)
        return IPv4Network((number, network.prefixlen - _MAPPED.prefixlen))
    return network
