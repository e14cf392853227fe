"""What the API takes in and shows of doctors."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
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
from app.core.filters import (
    AT_LEAST,
    AT_MOST,
    CONTAINS,
    IS_NULL,
    Fragment,
    SoftDeleteQuery,
    sorting,
)
from app.models.enums import DoctorSpeciality


class DoctorCreate(Input):
    """A new doctor."""

    model_config = with_example(
        {
            "licence": "licence-1",
            "name": "name-1",
            "speciality": "surgery",
            "shift_starts": "00:00:01",
            "shift_ends": "00:16:41",
            "usual_visit": "P1D",
        }
    )

    licence: Text = Field(max_length=16)
    name: Text = Field(max_length=120)
    speciality: DoctorSpeciality = Field(default=DoctorSpeciality.GENERAL, strict=False)
    shift_starts: Time = dt.time(8, 0)
    shift_ends: Time = dt.time(16, 30)
    usual_visit: Interval = Field(
        default=dt.timedelta(seconds=1200),
        description="How long an appointment takes if nobody says otherwise.",
    )


class DoctorUpdate(Input):
    """Changes to one doctor; what is left out stays as it is."""

    model_config = CHANGES

    licence: Text = Field(default=ABSENT, max_length=16)
    name: Text = Field(default=ABSENT, max_length=120)
    speciality: DoctorSpeciality = Field(default=ABSENT, strict=False)
    shift_starts: Time = ABSENT
    shift_ends: Time = ABSENT
    usual_visit: Interval = Field(
        default=ABSENT, description="How long an appointment takes if nobody says otherwise."
    )


class DoctorRead(BaseModel):
    """One doctor, as it is stored."""

    model_config = OUTPUT

    id: int
    licence: str
    name: str
    speciality: DoctorSpeciality
    shift_starts: Time
    shift_ends: Time
    usual_visit: Duration = Field(
        description="How long an appointment takes if nobody says otherwise."
    )
    is_deleted: bool
    deleted_at: DateTime | None


class DoctorQuery(SoftDeleteQuery):
    """Which doctors to list, and in what order."""

    sort: str | None = sorting(
        [
            "id",
            "licence",
            "name",
            "speciality",
            "shift_starts",
            "shift_ends",
            "usual_visit",
            "is_deleted",
            "deleted_at",
        ]
    )
    id: Integer | None = None
    licence: Text | None = None
    licence__contains: Annotated[Fragment | None, CONTAINS] = None
    name: Text | None = None
    name__contains: Annotated[Fragment | None, CONTAINS] = None
    speciality: DoctorSpeciality | None = None
    shift_starts: Time | None = None
    shift_starts__gte: Annotated[Time | None, AT_LEAST] = None
    shift_starts__lte: Annotated[Time | None, AT_MOST] = None
    shift_ends: Time | None = None
    shift_ends__gte: Annotated[Time | None, AT_LEAST] = None
    shift_ends__lte: Annotated[Time | None, AT_MOST] = None
    usual_visit: Interval | None = None
    usual_visit__gte: Annotated[Interval | None, AT_LEAST] = None
    usual_visit__lte: Annotated[Interval | None, AT_MOST] = None
    is_deleted: bool | None = None
    deleted_at: Moment | None = None
    deleted_at__gte: Annotated[Moment | None, AT_LEAST] = None
    deleted_at__lte: Annotated[Moment | None, AT_MOST] = None
    deleted_at__isnull: Annotated[bool | None, IS_NULL] = None
