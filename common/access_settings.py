"""The settings of who may call, from where, how often and with how much."""

from __future__ import annotations

import json
import re
from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode

from common.networks import read_network
from common.rates import check_rates

MEGABYTE: Final = 1024 * 1024
_HOST_NAME: Final = re.compile(r"(\*\.)?[A-Za-z0-9_][A-Za-z0-9._-]{0,252}|\[[0-9A-Fa-f:.]+\]")

_DEFAULT_PORT: Final = re.compile(r"\A(http://[^/]*):80\Z|\A(https://[^/]*):443\Z")
_ORIGIN: Final = re.compile(
    r"\*|null|[a-z][a-z0-9+.-]*://(?:[a-z0-9_][a-z0-9._-]{0,252}|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"
)


class AccessSettings(BaseSettings):
    """Addresses, credentials, limits and what browsers are told."""

    # Who is in front of the API
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Addresses or networks whose `X-Forwarded-For` is believed, comma-separated.",
    )
    allowed_ips: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Addresses or networks that may call; unset, all may."
    )
    blocked_ips: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Addresses or networks that may not, whatever else is said."
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Names that the API may be called by (`Host`), `*.example.com` for all below"
        " one; unset, any; with auth off, none of the public DNS.",
    )

    # Connections
    max_connections: int = Field(
        4000, ge=1, description="Open connections of one API process; more get a 503."
    )
    header_timeout_seconds: float = Field(
        10, gt=0, le=300, description="How long the head of a request may take to come in."
    )
    min_bytes_per_second: int = Field(
        1024, ge=0, description="What bodies and answers have to move, or are cut off; 0: nothing."
    )
    transfer_window_seconds: float = Field(
        20, ge=1, le=600, description="The time over which that is measured, again and again."
    )

    # Authentication
    enable_auth: bool = Field(default=True, description="Whether callers must say who they are.")
    api_key: SecretStr | None = Field(
        None, description="The first key (at least 32 characters), of the caller `default`."
    )
    jwt_secret_key: SecretStr | None = Field(
        None, description="Signs access tokens; at least 32 characters, not the API key."
    )
    jwt_secret_key_previous: SecretStr | None = Field(
        None,
        description="The secret before `JWT_SECRET_KEY`: what it signed is accepted, nothing is"
        " signed with it.",
    )
    jwt_algorithm: Literal["HS256", "HS384", "HS512"] = Field(
        "HS256", description="The one algorithm that tokens are signed and accepted with."
    )
    jwt_expiration_hours: float = Field(
        24, gt=0, le=366 * 24, description="How long an access token is good for."
    )
    metrics_token: SecretStr | None = Field(
        None,
        description="`/metrics` asks for it as a bearer token; unset, it asks nobody. At least 32"
        " characters.",
    )

    # Request limits
    enable_rate_limiting: bool = Field(
        default=True, description="Whether requests are counted and refused."
    )
    rate_limit_public: str = Field(
        "20/minute", description="Without a valid credential, per address."
    )
    rate_limit_authenticated: str = Field("100/minute", description="Per caller, all other calls.")
    rate_limit_generation: str = Field(
        "10/minute;50/hour", description="Per caller: generate, design, batches, retry."
    )
    rate_limit_validation: str = Field("50/minute", description="Per caller: validate.")

    # Size limits
    max_request_size: int = Field(50 * MEGABYTE, gt=0, description="Bytes of any request body.")
    max_json_size: int = Field(10 * MEGABYTE, gt=0, description="Bytes of a JSON body.")
    max_string_length: int = Field(1000, gt=0, description="Characters of a string in a document.")
    max_array_length: int = Field(100, gt=0, description="Items of an array in a document.")
    max_tables: int = Field(50, gt=0, description="Tables of a document.")
    max_columns_per_table: int = Field(100, gt=0, description="Columns of a table.")
    max_relationships_per_table: int = Field(50, gt=0, description="Relationships of a table.")

    # HTTP
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description='Origins that browsers may call from, as a JSON list: `["https://example.com"]`.',
    )
    cors_allow_credentials: bool = Field(
        default=True, description="Whether browsers may send credentials."
    )
    enable_security_headers: bool = Field(
        default=True, description="Whether answers carry security headers."
    )

    @field_validator(
        "trusted_proxies",
        "allowed_ips",
        "blocked_ips",
        "allowed_hosts",
        "cors_origins",
        mode="before",
    )
    @classmethod
    def _read_list(cls, value: object) -> object:
        """Read `a, b` and `["a", "b"]` alike."""
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("["):
            try:
                return tuple(json.loads(value))
            except ValueError:
                raise ValueError("is neither a JSON list nor comma-separated") from None
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("trusted_proxies", "allowed_ips", "blocked_ips")
    @classmethod
    def _check_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                read_network(network)
            except ValueError:
                raise ValueError("lists something that is no address and no network") from None
        return value

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """In lower case and without the usual port, as browsers send them."""
        origins = tuple(origin.lower() for origin in value)
        if not all(map(_ORIGIN.fullmatch, origins)):
            raise ValueError("must list origins such as https://example.com:8443, without a path")
        return tuple(_DEFAULT_PORT.sub(r"\1\2", origin) for origin in origins)

    @field_validator("allowed_hosts")
    @classmethod
    def _check_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_HOST_NAME.fullmatch(name) for name in value):
            raise ValueError("must list names or addresses without a port; `*.` may stand first")
        return tuple(name.lower().rstrip(".") for name in value)

    @field_validator(
        "rate_limit_public",
        "rate_limit_authenticated",
        "rate_limit_generation",
        "rate_limit_validation",
    )
    @classmethod
    def _check_rates(cls, value: str) -> str:
        return check_rates(value)
