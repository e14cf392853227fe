"""What the API takes in and shows of class types."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Text, with_example
from app.core.filters import CONTAINS, Fragment, ListQuery, sorting
from app.models.enums import ClassTypeCode


class ClassTypeCreate(Input):
    """A new class type."""

    model_config = with_example({"code": "y", "label": "label-1"})

    code: ClassTypeCode = Field(strict=False)
    label: Text = Field(max_length=40)


class ClassTypeUpdate(Input):
    """Changes to one class type; what is left out stays as it is."""

    model_config = CHANGES

    label: Text = Field(default=ABSENT, max_length=40)


class ClassTypeRead(BaseModel):
    """One class type, as it is stored."""

    model_config = OUTPUT

    code: ClassTypeCode
    label: str


class ClassTypeQuery(ListQuery):
    """Which class types to list, and in what order."""

    sort: str | None = sorting(["code", "label"])
    code: ClassTypeCode | None = None
    label: Text | None = None
    label__contains: Annotated[Fragment | None, CONTAINS] = None
