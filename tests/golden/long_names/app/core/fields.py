"""The types of fields that the API takes in: no wider than what the database can hold.

What one of these types lets through can be stored, compared and read back, but for this:

- MySQL compares texts without regard for case.
"""

from typing import Annotated, Any

from annotated_types import Ge, Le
from pydantic import (
    BaseModel,
    ConfigDict,
    StringConstraints,
    model_validator,
)

MAX_UNKNOWN_MEMBERS = 100
"""How many members that nobody knows are told one by one."""

OUTPUT = ConfigDict(from_attributes=True, protected_namespaces=())


def with_example(body: dict[str, Any]) -> ConfigDict:
    """Show a body that works."""
    return ConfigDict(json_schema_extra={"examples": [body]})


def _without_defaults(schema: dict[str, Any]) -> None:
    for member in schema.get("properties", {}).values():
        member.pop("default", None)


CHANGES = ConfigDict(json_schema_extra=_without_defaults)
ABSENT: Any = None
"""Stands where a member of a partial update was not sent; such a member is not even looked at."""


class Input(BaseModel):
    """What is taken in: strictly, and nothing that nobody knows."""

    model_config = ConfigDict(extra="forbid", strict=True, protected_namespaces=())

    @model_validator(mode="before")
    @classmethod
    def _refuse_a_flood(cls, value: object) -> object:
        """Refuse many members as one, before each of them becomes a fault of its own."""
        most = len(cls.model_fields) + MAX_UNKNOWN_MEMBERS
        if isinstance(value, dict) and len(value) > most:
            raise ValueError(f"should have at most {most} members")
        return value


_NO_NUL = r"^[^\x00]*$"


Integer = Annotated[int, Ge(-(2**31)), Le(2**31 - 1)]
Text = Annotated[str, StringConstraints(pattern=_NO_NUL)]
