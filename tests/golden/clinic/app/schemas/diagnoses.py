"""What the API takes in and shows of diagnoses."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, BigInteger, Input, Text, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class DiagnosisCreate(Input):
    """A new diagnosis."""

    model_config = with_example(
        {"appointment_id": 1, "code": "000001", "remarks": "remarks-1", "certain": True}
    )

    appointment_id: BigInteger
    code: Text = Field(max_length=8, description="ICD-10, for instance `J06.9`.")
    remarks: Text | None = Field(default=None, max_length=16_383)
    certain: bool = False


class DiagnosisUpdate(Input):
    """Changes to one diagnosis; what is left out stays as it is."""

    model_config = CHANGES

    appointment_id: BigInteger = ABSENT
    code: Text = Field(default=ABSENT, max_length=8, description="ICD-10, for instance `J06.9`.")
    remarks: Text | None = Field(default=ABSENT, max_length=16_383)
    certain: bool = ABSENT


class DiagnosisRead(BaseModel):
    """One diagnosis, as it is stored."""

    model_config = OUTPUT

    id: int
    appointment_id: int
    code: str = Field(description="ICD-10, for instance `J06.9`.")
    remarks: str | None
    certain: bool


class DiagnosisQuery(ListQuery):
    """Which diagnoses to list, and in what order."""

    sort: str | None = sorting(["id", "appointment_id", "code", "remarks", "certain"])
    id: BigInteger | None = None
    appointment_id: BigInteger | None = None
    code: Text | None = None
    code__contains: Annotated[Fragment | None, CONTAINS] = None
    remarks: Text | None = None
    remarks__contains: Annotated[Fragment | None, CONTAINS] = None
    remarks__isnull: Annotated[bool | None, IS_NULL] = None
    certain: bool | None = None
