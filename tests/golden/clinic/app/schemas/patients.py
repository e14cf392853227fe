"""What the API takes in and shows of patients."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    Date,
    DateTime,
    Input,
    Integer,
    Moment,
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
from app.models.enums import PatientBloodGroup


class PatientCreate(Input):
    """A new patient."""

    model_config = with_example(
        {
            "insurance_number": "000001",
            "family_name": "family-name-1",
            "given_name": "given-name-1",
            "born_on": "2024-01-02",
            "blood_group": "A-",
            "phone": "phone-1",
        }
    )

    insurance_number: Text | None = Field(default=None, max_length=20)
    family_name: Text = Field(max_length=80)
    given_name: Text = Field(max_length=80)
    born_on: Date
    blood_group: PatientBloodGroup | None = Field(default=None, strict=False)
    phone: Text | None = Field(default=None, max_length=40)
    family_doctor_id: Integer | None = None


class PatientUpdate(Input):
    """Changes to one patient; what is left out stays as it is."""

    model_config = CHANGES

    insurance_number: Text | None = Field(default=ABSENT, max_length=20)
    family_name: Text = Field(default=ABSENT, max_length=80)
    given_name: Text = Field(default=ABSENT, max_length=80)
    born_on: Date = ABSENT
    blood_group: PatientBloodGroup | None = Field(default=ABSENT, strict=False)
    phone: Text | None = Field(default=ABSENT, max_length=40)
    family_doctor_id: Integer | None = ABSENT


class PatientRead(BaseModel):
    """One patient, as it is stored."""

    model_config = OUTPUT

    id: int
    insurance_number: str | None
    family_name: str
    given_name: str
    born_on: dt.date
    blood_group: PatientBloodGroup | None
    phone: str | None
    family_doctor_id: int | None
    created_at: DateTime
    updated_at: DateTime
    is_deleted: bool
    deleted_at: DateTime | None


class PatientQuery(SoftDeleteQuery):
    """Which patients to list, and in what order."""

    sort: str | None = sorting(
        [
            "id",
            "insurance_number",
            "family_name",
            "given_name",
            "born_on",
            "blood_group",
            "phone",
            "family_doctor_id",
            "created_at",
            "updated_at",
            "is_deleted",
            "deleted_at",
        ]
    )
    id: Integer | None = None
    insurance_number: Text | None = None
    insurance_number__contains: Annotated[Fragment | None, CONTAINS] = None
    insurance_number__isnull: Annotated[bool | None, IS_NULL] = None
    family_name: Text | None = None
    family_name__contains: Annotated[Fragment | None, CONTAINS] = None
    given_name: Text | None = None
    given_name__contains: Annotated[Fragment | None, CONTAINS] = None
    born_on: Date | None = None
    born_on__gte: Annotated[Date | None, AT_LEAST] = None
    born_on__lte: Annotated[Date | None, AT_MOST] = None
    blood_group: PatientBloodGroup | None = None
    blood_group__isnull: Annotated[bool | None, IS_NULL] = None
    phone: Text | None = None
    phone__contains: Annotated[Fragment | None, CONTAINS] = None
    phone__isnull: Annotated[bool | None, IS_NULL] = None
    family_doctor_id: Integer | None = None
    family_doctor_id__isnull: Annotated[bool | None, IS_NULL] = None
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
