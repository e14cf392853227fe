"""What the bodies of administration say: models, strictly read, every fault with its place."""

from __future__ import annotations

import math
import re
import sys
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.submission import invalid
from common.callers import LONGEST_NAME, UNLIMITED, check_name
from common.document.findings import Findings
from common.document.limits import DocumentLimits
from common.document.sanitize import sanitize
from common.document.shape import Models, note_shape_faults, shape_faults
from common.document.strict_json import parse_json
from common.errors import RequestError
from common.keys.key import SCOPES
from common.rates import check_rates

LONGEST_OVERLAP_SECONDS: Final = 90 * 24 * 3600
_RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)

Body = TypeVar("Body", bound=BaseModel)


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise _wrong("wrong_type", "Must be a string.")
    try:
        return check_name(value)
    except RequestError as error:
        raise _wrong(error.code, error.detail) from None


def _rates(value: object) -> str | None:
    if value is None:
        return None
    try:
        return check_rates(value if isinstance(value, str) else "")
    except ValueError as error:
        raise _wrong("invalid_rate", f"A rate {error}; null is what the settings say.") from None


def _quota(value: object) -> float | None:
    if value == UNLIMITED:
        return math.inf
    if value is None:
        return None
    # Beyond what a float holds there is no such quota, either
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 <= value <= sys.float_info.max
    ):
        message = f'A quota is a number from 0 on or "{UNLIMITED}"; null is what the settings say.'
        raise _wrong("invalid_quota", message)
    return float(value)


def _scope(value: object) -> str:
    if not isinstance(value, str) or value not in SCOPES:
        known = ", ".join(sorted(SCOPES))
        raise _wrong("unknown_scope", f"There is no such scope; known: {known}.")
    return value


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, str) and _RFC_3339.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):  # there is no such day, or it is beyond the calendar
            pass
    message = "Must be a moment with its offset, such as 2027-01-31T12:00:00Z."
    raise _wrong("invalid_moment", message)


def _wrong(code: str, message: str) -> PydanticCustomError:
    return PydanticCustomError("invalid_value", message, {"code": code})


_NULLABLE_TEXT: Final[dict[str, Any]] = {"anyOf": [{"type": "string"}, {"type": "null"}]}
_MOMENT: Final[dict[str, Any]] = {
    "anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]
}
_AMOUNT: Final[dict[str, Any]] = {
    "anyOf": [{"type": "number", "minimum": 0}, {"const": UNLIMITED}, {"type": "null"}]
}
Name = Annotated[
    str,
    PlainValidator(_name),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}),
]
Rate = Annotated[
    str | None,
    PlainValidator(_rates),
    WithJsonSchema(_NULLABLE_TEXT | {"description": "`10/minute;50/hour`; null: the settings'."}),
]
Quota = Annotated[float | None, PlainValidator(_quota), WithJsonSchema(_AMOUNT)]
Scope = Annotated[
    str, PlainValidator(_scope), WithJsonSchema({"type": "string", "enum": sorted(SCOPES)})
]
Moment = Annotated[datetime | None, PlainValidator(_moment), WithJsonSchema(_MOMENT)]

_END: Final = (
    "When the new key ends; null: never. A key with the scope `admin` outlives neither the one that"
    " makes it nor, as no key does, the one whose place it takes."
)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class RatesBody(_Body):
    """Rates of a caller's own; a member that is left out changes nothing."""

    authenticated: Rate = None
    generation: Rate = None
    validation: Rate = None


class QuotasBody(_Body):
    """LLM quotas of a caller's own per hour; a member that is left out changes nothing."""

    calls: Quota = None
    tokens: Quota = None
    cost_usd: Quota = None


class CallerChange(_Body):
    """What a caller gets of its own; null is what the settings say for everybody."""

    limits: RatesBody = RatesBody()
    quotas: QuotasBody = QuotasBody()


class NewCaller(CallerChange):
    """A caller."""

    name: Name


class NewKey(_Body):
    """A key."""

    caller: str = Field(description="Its name or its id.")
    name: Name
    scopes: list[Scope] = Field(min_length=1)
    expires_at: Moment = Field(None, description=_END)


class Rotation(_Body):
    """How a key is replaced."""

    overlap_seconds: int = Field(
        24 * 3600,
        ge=0,
        le=LONGEST_OVERLAP_SECONDS,
        description="How long the old key stays good; 0: it ends at once.",
    )
    expires_at: Moment = Field(None, description=_END)


class KeyRevocation(_Body):
    """What is revoked with a key."""

    and_made: bool = Field(
        default=False, description="Also the keys that it made, those that they made, and so on."
    )


class Revocation(_Body):
    """Whose keys and tokens are revoked."""

    caller: str | None = Field(description="The name or the id of a caller; null: everybody's.")


BODIES: Final[tuple[type[BaseModel], ...]] = (
    NewCaller,
    CallerChange,
    NewKey,
    Rotation,
    KeyRevocation,
    Revocation,
)
_PARTS: Final[Models] = {("limits",): RatesBody, ("quotas",): QuotasBody}


def body_of(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """What `/openapi.json` says of a body that is read by `read_as`."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {
        "requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}
    }


def read_as(model: type[Body], body: bytes, limits: DocumentLimits) -> Body:
    """The body as `model`.

    RequestError 400 for what is not JSON, suspicious or over a limit, 422 with all that is wrong.
    """
    findings = Findings()
    raw = sanitize(parse_json(body), limits, findings)
    if findings.warnings:  # where there is no place for a warning, nothing is put right in silence
        raise invalid(findings.warnings)
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        models: Models = {(): model, **_PARTS}
        note_shape_faults(shape_faults(raw, error, models), findings)
        raise invalid(findings.faults) from None
