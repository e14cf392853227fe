"""Settings that must not go into service: weak, well-known or shared secrets, open production."""

from __future__ import annotations

from typing import Final

from common import clock
from common.llm.prices import Prices
from common.networks import read_network
from common.security import can_sign
from common.settings import Settings, SettingsError

SHORTEST_SECRET: Final = 32
_SHORTEST_PASSWORD: Final = 16
"""Of what people type: Flower's."""
_FEWEST_CHARACTERS: Final = 6
"""Different ones; of 32 random digits, one in ten million has fewer."""

_PLACEHOLDERS: Final = (
    "yoursecure",
    "yoursecret",
    "yourapi",
    "yourjwt",
    "yourkey",
    "changeme",
    "replaceme",
    "placeholder",
    "example",
    "secretkeyhere",
    "apikeyhere",
    "supersecret",
    "password",
)
"""Words of secrets that stand in documentation; long enough that no random one has them."""
_SECRETS: Final = ("api_key", "jwt_secret_key", "jwt_secret_key_previous", "metrics_token")
_PASSWORDS: Final = ("flower_password",)
_SEPARATORS: Final = str.maketrans("", "", "-_ .")


def refuse_unsafe(settings: Settings) -> None:
    """Raise SettingsError with one line for each setting that is not safe to start with."""
    complaints = [*_weak_secrets(settings), *_open_production(settings)]
    if complaints:
        raise SettingsError("\n".join(complaints))
    Prices.read(settings.llm_prices_file)


def _weak_secrets(settings: Settings) -> list[str]:
    complaints = []
    known_as: dict[str, str] = {}
    for field in (*_SECRETS, *_PASSWORDS):
        kept = getattr(settings, field)
        if kept is None:
            continue
        name, secret = field.upper(), kept.get_secret_value()
        shortest = _SHORTEST_PASSWORD if field in _PASSWORDS else SHORTEST_SECRET
        if len(secret) < shortest:
            complaints.append(f"{name}: must have at least {shortest} characters")
        elif secret != secret.strip():
            complaints.append(f"{name}: begins or ends with a blank")
        elif len(set(secret)) < _FEWEST_CHARACTERS or _is_placeholder(secret):
            complaints.append(f"{name}: is a placeholder; make one that nobody else knows")
        elif field == "api_key" and not (secret.isascii() and secret.isprintable()):
            complaints.append(f"{name}: must be printable ASCII; in a header nothing else arrives")
        elif field.startswith("jwt_") and not can_sign(secret):
            complaints.append(f"{name}: is half of a key pair; make random characters instead")
        if secret in known_as:
            complaints.append(f"{name}: must not be the {known_as[secret]}")
        known_as.setdefault(secret, name)
    return complaints


def _is_placeholder(secret: str) -> bool:
    plain = secret.lower().translate(_SEPARATORS)
    return any(word in plain for word in _PLACEHOLDERS)


def _open_production(settings: Settings) -> list[str]:
    if settings.environment != "production":
        return []
    complaints = []
    if not settings.enable_auth:
        complaints.append("ENABLE_AUTH: must not be off in production")
    if not settings.enable_rate_limiting:
        complaints.append("ENABLE_RATE_LIMITING: must not be off in production")
    # Every page, and every page that hides where it is from
    open_to = {"*", "null"}.intersection(settings.cors_origins)
    complaints += [f"CORS_ORIGINS: must not be {origin} in production" for origin in open_to]
    if any(map(_is_half_the_world, settings.trusted_proxies)):
        complaints.append("TRUSTED_PROXIES: must not be everybody in production")
    if settings.min_bytes_per_second == 0:
        complaints.append("MIN_BYTES_PER_SECOND: must not be 0 in production")
    if clock.can_be_moved():
        complaints.append(f"{clock.MOVED_BY}: must not be set in production")
    return complaints


def _is_half_the_world(entry: str) -> bool:
    """Whether a network is larger than any that somebody runs proxies in."""
    network = read_network(entry)
    return network.prefixlen < (8 if network.version == 4 else 7)  # noqa: PLR2004 - IPv4
