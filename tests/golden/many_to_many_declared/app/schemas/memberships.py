"""What the API takes in and shows of memberships."""

from uuid import UUID

from pydantic import BaseModel

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Uuid, with_example
from app.core.filters import ListQuery, sorting


class MembershipCreate(Input):
    """A new membership."""

    model_config = with_example(
        {"student_id": 1, "club_id": "00000000-0000-0000-0000-000000000001"}
    )

    student_id: Integer
    club_id: Uuid


class MembershipUpdate(Input):
    """Changes to one membership; what is left out stays as it is."""

    model_config = CHANGES

    student_id: Integer = ABSENT
    club_id: Uuid = ABSENT


class MembershipRead(BaseModel):
    """One membership, as it is stored."""

    model_config = OUTPUT

    id: int
    student_id: int
    club_id: UUID


class MembershipQuery(ListQuery):
    """Which memberships to list, and in what order."""

    sort: str | None = sorting(["id", "student_id", "club_id"])
    id: Integer | None = None
    student_id: Integer | None = None
    club_id: Uuid | None = None
