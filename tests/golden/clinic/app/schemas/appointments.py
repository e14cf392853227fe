"""What the API takes in and shows of appointments."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    BigInteger,
    DateTime,
    Duration,
    Input,
    Integer,
    Interval,
    Moment,
    Text,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, CONTAINS, IS_NULL, Fragment, ListQuery, sorting
from app.models.enums import AppointmentState


class AppointmentCreate(Input):
    """A new appointment."""

    model_config = with_example(
        {
            "patient_id": 1,
            "doctor_id": 1,
            "starts_at": "2024-01-01T00:01:00Z",
            "duration": "P1D",
            "reason": "reason-1",
            "state": "arrived",
        }
    )

    patient_id: Integer
    doctor_id: Integer
    assistant_id: Integer | None = None
    referred_by: Text | None = Field(
        default=None, max_length=16, description="The licence of whoever sent the patient."
    )
    room_number: Text | None = Field(default=None, max_length=8)
    starts_at: DateTime
    duration: Interval | None = None
    reason: Text | None = Field(default=None, max_length=200)
    state: AppointmentState = Field(default=AppointmentState.BOOKED, strict=False)


class AppointmentUpdate(Input):
    """Changes to one appointment; what is left out stays as it is."""

    model_config = CHANGES

    patient_id: Integer = ABSENT
    doctor_id: Integer = ABSENT
    assistant_id: Integer | None = ABSENT
    referred_by: Text | None = Field(
        default=ABSENT, max_length=16, description="The licence of whoever sent the patient."
    )
    room_number: Text | None = Field(default=ABSENT, max_length=8)
    starts_at: DateTime = ABSENT
    duration: Interval | None = ABSENT
    reason: Text | None = Field(default=ABSENT, max_length=200)
    state: AppointmentState = Field(default=ABSENT, strict=False)


class AppointmentRead(BaseModel):
    """One appointment, as it is stored."""

    model_config = OUTPUT

    id: int
    patient_id: int
    doctor_id: int
    assistant_id: int | None
    referred_by: str | None = Field(description="The licence of whoever sent the patient.")
    room_number: str | None
    starts_at: DateTime
    duration: Duration | None
    reason: str | None
    state: AppointmentState
    created_at: DateTime
    updated_at: DateTime


class AppointmentQuery(ListQuery):
    """Which appointments to list, and in what order."""

    sort: str | None = sorting(
        [
            "id",
            "patient_id",
            "doctor_id",
            "assistant_id",
            "referred_by",
            "room_number",
            "starts_at",
            "duration",
            "reason",
            "state",
            "created_at",
            "updated_at",
        ]
    )
    id: BigInteger | None = None
    patient_id: Integer | None = None
    doctor_id: Integer | None = None
    assistant_id: Integer | None = None
    assistant_id__isnull: Annotated[bool | None, IS_NULL] = None
    referred_by: Text | None = None
    referred_by__isnull: Annotated[bool | None, IS_NULL] = None
    room_number: Text | None = None
    room_number__isnull: Annotated[bool | None, IS_NULL] = None
    starts_at: Moment | None = None
    starts_at__gte: Annotated[Moment | None, AT_LEAST] = None
    starts_at__lte: Annotated[Moment | None, AT_MOST] = None
    duration: Interval | None = None
    duration__gte: Annotated[Interval | None, AT_LEAST] = None
    duration__lte: Annotated[Interval | None, AT_MOST] = None
    duration__isnull: Annotated[bool | None, IS_NULL] = None
    reason: Text | None = None
    reason__contains: Annotated[Fragment | None, CONTAINS] = None
    reason__isnull: Annotated[bool | None, IS_NULL] = None
    state: AppointmentState | None = None
    created_at: Moment | None = None
    created_at__gte: Annotated[Moment | None, AT_LEAST] = None
    created_at__lte: Annotated[Moment | None, AT_MOST] = None
    updated_at: Moment | None = None
    updated_at__gte: Annotated[Moment | None, AT_LEAST] = None
    updated_at__lte: Annotated[Moment | None, AT_MOST] = None
