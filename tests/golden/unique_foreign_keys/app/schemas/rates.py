"""What the API takes in and shows of rates."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    Input,
    Integer,
    Numeric,
    PlainDecimal,
    Text,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, ListQuery, sorting


class RateCreate(Input):
    """A new rate."""

    model_config = with_example({"currency_code": "001", "rate": "1.000000"})

    currency_code: Text = Field(max_length=3)
    rate: Numeric = Field(max_digits=12, decimal_places=6)


class RateUpdate(Input):
    """Changes to one rate; what is left out stays as it is."""

    model_config = CHANGES

    currency_code: Text = Field(default=ABSENT, max_length=3)
    rate: Numeric = Field(default=ABSENT, max_digits=12, decimal_places=6)


class RateRead(BaseModel):
    """One rate, as it is stored."""

    model_config = OUTPUT

    id: int
    currency_code: str
    rate: PlainDecimal


class RateQuery(ListQuery):
    """Which rates to list, and in what order."""

    sort: str | None = sorting(["id", "currency_code", "rate"])
    id: Integer | None = None
    currency_code: Text | None = None
    rate: Numeric | None = None
    rate__gte: Annotated[Numeric | None, AT_LEAST] = None
    rate__lte: Annotated[Numeric | None, AT_MOST] = None
