"""What the API takes in and shows of customers."""

from decimal import Decimal
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
    Text,
    with_example,
)
from app.core.filters import (
    AT_LEAST,
    AT_MOST,
    CONTAINS,
    IS_NULL,
    Fragment,
    SoftDeleteQuery,
    sorting,
)
from app.models.enums import CustomerTier


class CustomerCreate(Input):
    """A new customer."""

    model_config = with_example(
        {"email": "email-1", "full_name": "full-name-1", "tier": "silver", "credit_limit": "1.00"}
    )

    email: Text = Field(max_length=254)
    full_name: Text = Field(max_length=120)
    tier: CustomerTier = Field(
        default=CustomerTier.STANDARD, strict=False, description="What discounts apply."
    )
    credit_limit: Numeric = Field(default=Decimal(0), max_digits=10, decimal_places=2)


class CustomerUpdate(Input):
    """Changes to one customer; what is left out stays as it is."""

    model_config = CHANGES

    email: Text = Field(default=ABSENT, max_length=254)
    full_name: Text = Field(default=ABSENT, max_length=120)
    tier: CustomerTier = Field(default=ABSENT, strict=False, description="What discounts apply.")
    credit_limit: Numeric = Field(default=ABSENT, max_digits=10, decimal_places=2)


class CustomerRead(BaseModel):
    """One customer, as it is stored."""

    model_config = OUTPUT

    id: int
    email: str
    full_name: str
    tier: CustomerTier = Field(description="What discounts apply.")
    credit_limit: PlainDecimal
    created_at: DateTime
    updated_at: DateTime
    is_deleted: bool
    deleted_at: DateTime | None


class CustomerQuery(SoftDeleteQuery):
    """Which customers to list, and in what order."""

    sort: str | None = sorting(
        [
            "id",
            "email",
            "full_name",
            "tier",
            "credit_limit",
            "created_at",
            "updated_at",
            "is_deleted",
            "deleted_at",
        ]
    )
    id: BigInteger | None = None
    email: Text | None = None
    email__contains: Annotated[Fragment | None, CONTAINS] = None
    full_name: Text | None = None
    full_name__contains: Annotated[Fragment | None, CONTAINS] = None
    tier: CustomerTier | None = None
    credit_limit: Numeric | None = None
    credit_limit__gte: Annotated[Numeric | None, AT_LEAST] = None
    credit_limit__lte: Annotated[Numeric | None, AT_MOST] = None
    created_at: Moment | None = None
    created_at__gte: Annotated[Moment | None, AT_LEAST] = None
    created_at__lte: Annotated[Moment | None, AT_MOST] = None
    updated_at: Moment | None = None
    updated_at__gte: Annotated[Moment | None, AT_LEAST] = None
    updated_at__lte: Annotated[Moment | None, AT_MOST] = None
    is_deleted: bool | None = None
    deleted_at: Moment | None = None
    deleted_at__gte: Annotated[Moment | None, AT_LEAST] = None
    deleted_at__lte: Annotated[Moment | None, AT_MOST] = None
    deleted_at__isnull: Annotated[bool | None, IS_NULL] = None
