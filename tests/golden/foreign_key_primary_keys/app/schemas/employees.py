"""What the API takes in and shows of employees."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel

from app.core.fields import ABSENT, CHANGES, OUTPUT, BigInteger, Date, Input, with_example
from app.core.filters import AT_LEAST, AT_MOST, ListQuery, sorting


class EmployeeCreate(Input):
    """A new employee."""

    model_config = with_example({"person_id": 1, "hired_on": "2024-01-02"})

    person_id: BigInteger
    hired_on: Date


class EmployeeUpdate(Input):
    """Changes to one employee; what is left out stays as it is."""

    model_config = CHANGES

    hired_on: Date = ABSENT


class EmployeeRead(BaseModel):
    """One employee, as it is stored."""

    model_config = OUTPUT

    person_id: int
    hired_on: dt.date


class EmployeeQuery(ListQuery):
    """Which employees to list, and in what order."""

    sort: str | None = sorting(["person_id", "hired_on"])
    person_id: BigInteger | None = None
    hired_on: Date | None = None
    hired_on__gte: Annotated[Date | None, AT_LEAST] = None
    hired_on__lte: Annotated[Date | None, AT_MOST] = None
