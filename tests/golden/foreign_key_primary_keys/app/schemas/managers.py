"""What the API takes in and shows of managers."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    BigInteger,
    Input,
    Numeric,
    PlainDecimal,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, IS_NULL, ListQuery, sorting


class ManagerCreate(Input):
    """A new manager."""

    model_config = with_example({"employee_id": 1, "budget": "1.00"})

    employee_id: BigInteger
    budget: Numeric | None = Field(default=None, max_digits=12, decimal_places=2)


class ManagerUpdate(Input):
    """Changes to one manager; what is left out stays as it is."""

    model_config = CHANGES

    budget: Numeric | None = Field(default=ABSENT, max_digits=12, decimal_places=2)


class ManagerRead(BaseModel):
    """One manager, as it is stored."""

    model_config = OUTPUT

    employee_id: int
    budget: PlainDecimal | None


class ManagerQuery(ListQuery):
    """Which managers to list, and in what order."""

    sort: str | None = sorting(["employee_id", "budget"])
    employee_id: BigInteger | None = None
    budget: Numeric | None = None
    budget__gte: Annotated[Numeric | None, AT_LEAST] = None
    budget__lte: Annotated[Numeric | None, AT_MOST] = None
    budget__isnull: Annotated[bool | None, IS_NULL] = None
