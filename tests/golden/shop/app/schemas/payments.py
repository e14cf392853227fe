"""What the API takes in and shows of payments."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    BigInteger,
    DateTime,
    Input,
    Moment,
    Numeric,
    PlainDecimal,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, ListQuery, sorting
from app.models.enums import PaymentMethod


class PaymentCreate(Input):
    """A new payment."""

    model_config = with_example(
        {
            "order_id": 1,
            "method": "transfer",
            "amount": "1.00",
            "received_at": "2024-01-01T00:01:00Z",
        }
    )

    order_id: BigInteger
    method: PaymentMethod = Field(strict=False)
    amount: Numeric = Field(max_digits=12, decimal_places=2, description="Negative for a refund.")
    received_at: DateTime


class PaymentUpdate(Input):
    """Changes to one payment; what is left out stays as it is."""

    model_config = CHANGES

    order_id: BigInteger = ABSENT
    method: PaymentMethod = Field(default=ABSENT, strict=False)
    amount: Numeric = Field(
        default=ABSENT, max_digits=12, decimal_places=2, description="Negative for a refund."
    )
    received_at: DateTime = ABSENT


class PaymentRead(BaseModel):
    """One payment, as it is stored."""

    model_config = OUTPUT

    id: int
    order_id: int
    method: PaymentMethod
    amount: PlainDecimal = Field(description="Negative for a refund.")
    received_at: DateTime


class PaymentQuery(ListQuery):
    """Which payments to list, and in what order."""

    sort: str | None = sorting(["id", "order_id", "method", "amount", "received_at"])
    id: BigInteger | None = None
    order_id: BigInteger | None = None
    method: PaymentMethod | None = None
    amount: Numeric | None = None
    amount__gte: Annotated[Numeric | None, AT_LEAST] = None
    amount__lte: Annotated[Numeric | None, AT_MOST] = None
    received_at: Moment | None = None
    received_at__gte: Annotated[Moment | None, AT_LEAST] = None
    received_at__lte: Annotated[Moment | None, AT_MOST] = None
