"""Where a request comes from."""

import pytest

from api.addresses import Addresses


def read(trusted, peer, *headers, scheme="http"):
    scope = {
        "client": (peer, 1) if peer else None,
        "scheme": scheme,
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    return Addresses(trusted).read(scope)


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "address"),
    [
        ((), "10.0.0.1", "198.51.100.1", "10.0.0.1"),
        (("10.0.0.0/8",), "203.0.113.1", "198.51.100.1", "203.0.113.1"),
        (("10.0.0.0/8",), "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        (("10.0.0.0/8",), "10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (("10.0.0.0/8",), "10.0.0.1", "6.6.6.6, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        (("10.0.0.0/8",), "10.0.0.1", "10.1.1.1, 10.2.2.2", "10.1.1.1"),
        (("10.0.0.0/8",), "10.0.0.1", "", "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", "garbage", "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", "garbage, 10.3.3.3", "10.3.3.3"),
        (("10.0.0.0/8",), "10.0.0.1", "198.51.100.1:5678", "198.51.100.1"),
        (("10.0.0.0/8",), "::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        (("::1",), "::1", "[2001:db8:1:2:3::4]:80", "2001:db8:1:2::/64"),
        ((), None, "198.51.100.1", "unknown"),
        ((), "testclient", "198.51.100.1", "unknown"),
    ],
)
def test_the_address(trusted, peer, forwarded, address) -> None:
    assert read(trusted, peer, ("x-forwarded-for", forwarded))[0] == address


def test_several_headers_are_one_list() -> None:
    headers = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "198.51.100.1")]
    assert read(("10.0.0.1",), "10.0.0.1", *headers)[0] == "198.51.100.1"


def test_addresses_of_one_site_are_one() -> None:
    addresses = {read((), peer)[0] for peer in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9")}
    assert addresses == {"2001:db8:1:2::/64"}
    assert read((), "2001:db8:1:3::1")[0] not in addresses


@pytest.mark.parametrize(
    ("trusted", "scheme", "proto", "secure"),
    [
        ((), "http", "https", False),
        ((), "https", "http", True),
        (("10.0.0.1",), "http", "https", True),
        (("10.0.0.1",), "http", " HTTPS ", True),
        (("10.0.0.1",), "https", "http", False),
    ],
)
def test_tls(trusted, scheme, proto, secure) -> None:
    headers = ("x-forwarded-proto", proto)
    assert read(trusted, "10.0.0.1", headers, scheme=scheme)[1] is secure
