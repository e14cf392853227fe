"""What the API takes in and shows of samples."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    BigInteger,
    Date,
    DateTime,
    Duration,
    Input,
    Integer,
    Interval,
    Moment,
    Text,
    Time,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class SampleCreate(Input):
    """A new sample."""

    model_config = with_example(
        {
            "whole": 1,
            "large": 1,
            "text": "text-1",
            "long": "long-1",
            "flag": True,
            "moment": "2024-01-01T00:01:00Z",
            "day": "2024-01-02",
            "clock": "00:00:01",
            "span": "P1D",
        }
    )

    whole: Integer = 7
    large: BigInteger | None = -9007199254740993
    text: Text = Field(default='it\'s "so" \\ %s', max_length=20)
    long: Text | None = Field(default="", max_length=1_000_000)
    flag: bool = True
    moment: DateTime | None = dt.datetime(2026, 1, 31, 12, 30, tzinfo=dt.UTC)
    day: Date | None = dt.date(2026, 1, 31)
    clock: Time | None = dt.time(8, 30)
    span: Interval | None = dt.timedelta(days=1, seconds=43200)


class SampleUpdate(Input):
    """Changes to one sample; what is left out stays as it is."""

    model_config = CHANGES

    whole: Integer = ABSENT
    large: BigInteger | None = ABSENT
    text: Text = Field(default=ABSENT, max_length=20)
    long: Text | None = Field(default=ABSENT, max_length=1_000_000)
    flag: bool = ABSENT
    moment: DateTime | None = ABSENT
    day: Date | None = ABSENT
    clock: Time | None = ABSENT
    span: Interval | None = ABSENT


class SampleRead(BaseModel):
    """One sample, as it is stored."""

    model_config = OUTPUT

    id: int
    whole: int
    large: int | None
    text: str
    long: str | None
    flag: bool
    moment: DateTime | None
    day: dt.date | None
    clock: Time | None
    span: Duration | None


class SampleQuery(ListQuery):
    """Which samples to list, and in what order."""

    sort: str | None = sorting(
        ["id", "whole", "large", "text", "long", "flag", "moment", "day", "clock", "span"]
    )
    id: Integer | None = None
    whole: Integer | None = None
    whole__gte: Annotated[Integer | None, AT_LEAST] = None
    whole__lte: Annotated[Integer | None, AT_MOST] = None
    large: BigInteger | None = None
    large__gte: Annotated[BigInteger | None, AT_LEAST] = None
    large__lte: Annotated[BigInteger | None, AT_MOST] = None
    large__isnull: Annotated[bool | None, IS_NULL] = None
    text: Text | None = None
    text__contains: Annotated[Fragment | None, CONTAINS] = None
    long: Text | None = None
    long__contains: Annotated[Fragment | None, CONTAINS] = None
    long__isnull: Annotated[bool | None, IS_NULL] = None
    flag: bool | None = None
    moment: Moment | None = None
    moment__gte: Annotated[Moment | None, AT_LEAST] = None
    moment__lte: Annotated[Moment | None, AT_MOST] = None
    moment__isnull: Annotated[bool | None, IS_NULL] = None
    day: Date | None = None
    day__gte: Annotated[Date | None, AT_LEAST] = None
    day__lte: Annotated[Date | None, AT_MOST] = None
    day__isnull: Annotated[bool | None, IS_NULL] = None
    clock: Time | None = None
    clock__gte: Annotated[Time | None, AT_LEAST] = None
    clock__lte: Annotated[Time | None, AT_MOST] = None
    clock__isnull: Annotated[bool | None, IS_NULL] = None
    span: Interval | None = None
    span__gte: Annotated[Interval | None, AT_LEAST] = None
    span__lte: Annotated[Interval | None, AT_MOST] = None
    span__isnull: Annotated[bool | None, IS_NULL] = None
