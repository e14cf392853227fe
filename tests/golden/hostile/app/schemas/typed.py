"""What the API takes in and shows of typeds."""

from uuid import UUID

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Uuid, with_example
from app.core.filters import ListQuery, sorting
from app.models.enums import ClassTypeCode


class TypedCreate(Input):
    """A new typed."""

    model_config = with_example({"order_id": "00000000-0000-0000-0000-000000000001", "kind": "y"})

    order_id: Uuid
    kind: ClassTypeCode = Field(default=ClassTypeCode.X, strict=False)


class TypedUpdate(Input):
    """Changes to one typed; what is left out stays as it is."""

    model_config = CHANGES

    kind: ClassTypeCode = Field(default=ABSENT, strict=False)


class TypedRead(BaseModel):
    """One typed, as it is stored."""

    model_config = OUTPUT

    order_id: UUID
    kind: ClassTypeCode


class TypedQuery(ListQuery):
    """Which typeds to list, and in what order."""

    sort: str | None = sorting(["order_id", "kind"])
    order_id: Uuid | None = None
    kind: ClassTypeCode | None = None
