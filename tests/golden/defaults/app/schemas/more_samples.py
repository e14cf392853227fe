"""What the API takes in and shows of more samples."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID, uuid4

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    Binary,
    Float,
    Input,
    Integer,
    Json,
    Numeric,
    PlainDecimal,
    Uuid,
    at_most_bytes,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, IS_NULL, ListQuery, sorting
from app.models.enums import MoreSampleMood


class MoreSampleCreate(Input):
    """A new more sample."""

    model_config = with_example(
        {
            "id": "00000000-0000-0000-0000-000000000001",
            "price": "1.00",
            "ratio": 1.5,
            "mood": "bad",
            "extra": {"number": 1, "list": [None, True, "text"]},
            "token": "00000000-0000-0000-0000-000000000001",
            "blob": "/+//7g==",
            "empty": 1,
        }
    )

    id: Uuid = Field(default_factory=uuid4)
    price: Numeric = Field(default=Decimal("12.50"), max_digits=8, decimal_places=2)
    ratio: Float | None = 0.25
    mood: MoreSampleMood | None = Field(default=MoreSampleMood.GOOD, strict=False)
    extra: Json | None = Field(default={"a": [1, None]})
    token: Uuid | None = UUID("00000000-0000-4000-8000-000000000001")
    blob: Annotated[Binary, at_most_bytes(1_000_000)] | None = Field(
        default_factory=lambda: b"\x00\x01\x02", json_schema_extra={"default": "AAEC"}
    )
    empty: Integer | None = None


class MoreSampleUpdate(Input):
    """Changes to one more sample; what is left out stays as it is."""

    model_config = CHANGES

    price: Numeric = Field(default=ABSENT, max_digits=8, decimal_places=2)
    ratio: Float | None = ABSENT
    mood: MoreSampleMood | None = Field(default=ABSENT, strict=False)
    extra: Json | None = ABSENT
    token: Uuid | None = ABSENT
    blob: Annotated[Binary, at_most_bytes(1_000_000)] | None = ABSENT
    empty: Integer | None = ABSENT


class MoreSampleRead(BaseModel):
    """One more sample, as it is stored."""

    model_config = OUTPUT

    id: UUID
    price: PlainDecimal
    ratio: float | None
    mood: MoreSampleMood | None
    extra: Any
    token: UUID | None
    blob: Binary | None
    empty: int | None


class MoreSampleQuery(ListQuery):
    """Which more samples to list, and in what order."""

    sort: str | None = sorting(["id", "price", "ratio", "mood", "token", "empty"])
    id: Uuid | None = None
    price: Numeric | None = None
    price__gte: Annotated[Numeric | None, AT_LEAST] = None
    price__lte: Annotated[Numeric | None, AT_MOST] = None
    ratio: Float | None = None
    ratio__gte: Annotated[Float | None, AT_LEAST] = None
    ratio__lte: Annotated[Float | None, AT_MOST] = None
    ratio__isnull: Annotated[bool | None, IS_NULL] = None
    mood: MoreSampleMood | None = None
    mood__isnull: Annotated[bool | None, IS_NULL] = None
    extra__isnull: Annotated[bool | None, IS_NULL] = None
    token: Uuid | None = None
    token__isnull: Annotated[bool | None, IS_NULL] = None
    blob__isnull: Annotated[bool | None, IS_NULL] = None
    empty: Integer | None = None
    empty__gte: Annotated[Integer | None, AT_LEAST] = None
    empty__lte: Annotated[Integer | None, AT_MOST] = None
    empty__isnull: Annotated[bool | None, IS_NULL] = None
