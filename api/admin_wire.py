"""The shapes of what administration is told, for `/openapi.json`."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.wire import JobShape, SpendingShape
from common.keys.key import KeyState


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class KeyShape(_Shape):
    """A key, without what makes it one."""

    id: str
    caller: str
    name: str
    prefix: str = Field(description="What it begins with.")
    scopes: list[str]
    origin: Literal["made", "settings"] = Field(description="`settings`: it is API_KEY.")
    state: KeyState
    old: bool = Field(description="Whether it is good and more than 90 days old: rotate it.")
    created_at: AwareDatetime
    last_used_at: AwareDatetime | None = Field(description="To the minute.")
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    replaced_by: str | None = Field(description="The id of the key that took its place.")
    made_by: str | None = Field(
        description="The id of the key that made it, `the command line`, or `API_KEY`; null where"
        " that was not kept yet."
    )


class MadeKeyShape(KeyShape):
    """A fresh key."""

    key: str = Field(description="What its caller presents. It is shown this once.")


class KeyPageShape(_Shape):
    """Keys, oldest first."""

    items: list[KeyShape]
    next_cursor: str | None


class RevokedKeysShape(_Shape):
    """How many keys were good until now."""

    revoked_count: int


class OwnLimitsShape(_Shape):
    """Rates of a caller's own; null where those of the settings hold."""

    authenticated: str | None
    generation: str | None
    validation: str | None


class OwnQuotasShape(_Shape):
    """LLM quotas of a caller's own per hour; null where those of the settings hold."""

    calls: float | Literal["unlimited"] | None
    tokens: float | Literal["unlimited"] | None
    cost_usd: float | Literal["unlimited"] | None


class CallerShape(_Shape):
    """Who owns keys, tokens, jobs, limits and quotas."""

    id: str
    name: str
    created_at: AwareDatetime
    tokens_valid_from: AwareDatetime | None = Field(
        description="Tokens that were made before are refused."
    )
    limits: OwnLimitsShape
    quotas: OwnQuotasShape


class CallerPageShape(_Shape):
    """Callers, by their ids."""

    items: list[CallerShape]
    next_cursor: str | None


class OwnedJobShape(JobShape):
    """A job of any caller; its links are for that caller."""

    model_config = ConfigDict(extra="forbid", title="OwnedJob")

    caller: str


class OwnedJobPageShape(_Shape):
    """Jobs of all callers, newest first."""

    items: list[OwnedJobShape]
    next_cursor: str | None


class OwnedSpendingShape(SpendingShape):
    """What language models have cost a caller."""

    caller: str


class SpendingPageShape(_Shape):
    """What language models have cost, by caller."""

    items: list[OwnedSpendingShape]
    next_cursor: str | None
