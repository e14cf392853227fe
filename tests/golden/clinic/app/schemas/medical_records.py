"""What the API takes in and shows of medical records."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from app.core.fields import (
    ABSENT,
    CHANGES,
    OUTPUT,
    Binary,
    DateTime,
    Input,
    Integer,
    Json,
    Moment,
    Numeric,
    PlainDecimal,
    SmallInteger,
    Text,
    at_most_bytes,
    with_example,
)
from app.core.filters import AT_LEAST, AT_MOST, CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class MedicalRecordCreate(Input):
    """A new medical record."""

    model_config = with_example(
        {
            "patient_id": 1,
            "allergies": "allergies-1",
            "medication": {"number": 1, "list": [None, True, "text"]},
            "smoker": True,
            "height_cm": 21,
            "weight_kg": "1.00",
            "x_ray": "/+//7g==",
        }
    )

    patient_id: Integer
    allergies: Text | None = Field(default=None, max_length=16_383)
    medication: Json | None = Field(default=None, description="A list of names and doses.")
    smoker: bool | None = None
    height_cm: SmallInteger | None = None
    weight_kg: Numeric | None = Field(default=None, max_digits=5, decimal_places=2)
    x_ray: Annotated[Binary, at_most_bytes(65_535)] | None = Field(
        default=None, description="The latest picture, if there is one."
    )


class MedicalRecordUpdate(Input):
    """Changes to one medical record; what is left out stays as it is."""

    model_config = CHANGES

    allergies: Text | None = Field(default=ABSENT, max_length=16_383)
    medication: Json | None = Field(default=ABSENT, description="A list of names and doses.")
    smoker: bool | None = ABSENT
    height_cm: SmallInteger | None = ABSENT
    weight_kg: Numeric | None = Field(default=ABSENT, max_digits=5, decimal_places=2)
    x_ray: Annotated[Binary, at_most_bytes(65_535)] | None = Field(
        default=ABSENT, description="The latest picture, if there is one."
    )


class MedicalRecordRead(BaseModel):
    """One medical record, as it is stored."""

    model_config = OUTPUT

    patient_id: int
    allergies: str | None
    medication: Any = Field(description="A list of names and doses.")
    smoker: bool | None
    height_cm: int | None
    weight_kg: PlainDecimal | None
    x_ray: Binary | None = Field(description="The latest picture, if there is one.")
    created_at: DateTime
    updated_at: DateTime


class MedicalRecordQuery(ListQuery):
    """Which medical records to list, and in what order."""

    sort: str | None = sorting(
        ["patient_id", "allergies", "smoker", "height_cm", "weight_kg", "created_at", "updated_at"]
    )
    patient_id: Integer | None = None
    allergies: Text | None = None
    allergies__contains: Annotated[Fragment | None, CONTAINS] = None
    allergies__isnull: Annotated[bool | None, IS_NULL] = None
    medication__isnull: Annotated[bool | None, IS_NULL] = None
    smoker: bool | None = None
    smoker__isnull: Annotated[bool | None, IS_NULL] = None
    height_cm: SmallInteger | None = None
    height_cm__gte: Annotated[SmallInteger | None, AT_LEAST] = None
    height_cm__lte: Annotated[SmallInteger | None, AT_MOST] = None
    height_cm__isnull: Annotated[bool | None, IS_NULL] = None
    weight_kg: Numeric | None = None
    weight_kg__gte: Annotated[Numeric | None, AT_LEAST] = None
    weight_kg__lte: Annotated[Numeric | None, AT_MOST] = None
    weight_kg__isnull: Annotated[bool | None, IS_NULL] = None
    x_ray__isnull: Annotated[bool | None, IS_NULL] = None
    created_at: Moment | None = None
    created_at__gte: Annotated[Moment | None, AT_LEAST] = None
    created_at__lte: Annotated[Moment | None, AT_MOST] = None
    updated_at: Moment | None = None
    updated_at__gte: Annotated[Moment | None, AT_LEAST] = None
    updated_at__lte: Annotated[Moment | None, AT_MOST] = None
