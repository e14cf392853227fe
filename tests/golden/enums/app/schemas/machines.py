"""What the API takes in and shows of machines."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, with_example
from app.core.filters import IS_NULL, ListQuery, sorting
from app.models.enums import MachineKind, MachineStatus


class MachineCreate(Input):
    """A new machine."""

    model_config = with_example({"status": "off", "kind": "name"})

    status: MachineStatus = Field(strict=False)
    kind: MachineKind | None = Field(default=None, strict=False)


class MachineUpdate(Input):
    """Changes to one machine; what is left out stays as it is."""

    model_config = CHANGES

    status: MachineStatus = Field(default=ABSENT, strict=False)
    kind: MachineKind | None = Field(default=ABSENT, strict=False)


class MachineRead(BaseModel):
    """One machine, as it is stored."""

    model_config = OUTPUT

    id: int
    status: MachineStatus
    kind: MachineKind | None


class MachineQuery(ListQuery):
    """Which machines to list, and in what order."""

    sort: str | None = sorting(["id", "status", "kind"])
    id: Integer | None = None
    status: MachineStatus | None = None
    kind: MachineKind | None = None
    kind__isnull: Annotated[bool | None, IS_NULL] = None
