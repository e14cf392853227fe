"""What the API takes in and shows of enrolments."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel

from app.core.fields import ABSENT, CHANGES, OUTPUT, Date, Input, Integer, with_example
from app.core.filters import AT_LEAST, AT_MOST, ListQuery, sorting


class EnrolmentCreate(Input):
    """A new enrolment."""

    model_config = with_example({"student_id": 1, "course_id": 1, "enrolled_on": "2024-01-02"})

    student_id: Integer
    course_id: Integer
    enrolled_on: Date


class EnrolmentUpdate(Input):
    """Changes to one enrolment; what is left out stays as it is."""

    model_config = CHANGES

    enrolled_on: Date = ABSENT


class EnrolmentRead(BaseModel):
    """One enrolment, as it is stored."""

    model_config = OUTPUT

    student_id: int
    course_id: int
    enrolled_on: dt.date


class EnrolmentQuery(ListQuery):
    """Which enrolments to list, and in what order."""

    sort: str | None = sorting(["student_id", "course_id", "enrolled_on"])
    student_id: Integer | None = None
    course_id: Integer | None = None
    enrolled_on: Date | None = None
    enrolled_on__gte: Annotated[Date | None, AT_LEAST] = None
    enrolled_on__lte: Annotated[Date | None, AT_MOST] = None
