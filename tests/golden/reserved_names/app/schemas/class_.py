"""What the API takes in and shows of classes."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class ClassCreate(Input):
    """A new class."""

    model_config = with_example(
        {
            "def": "def-1",
            "metadata": "metadata-1",
            "model_config": "model-config-1",
            "select": "select-1",
            "from": "from-1",
        }
    )

    def_: Text = Field(max_length=20, alias="def")
    metadata_: Text | None = Field(default=None, max_length=20, alias="metadata")
    column_model_config_: Text | None = Field(default=None, max_length=20, alias="model_config")
    select: Text | None = Field(default=None, max_length=20)
    from_: Text = Field(default="here", max_length=20, alias="from")


class ClassUpdate(Input):
    """Changes to one class; what is left out stays as it is."""

    model_config = CHANGES

    def_: Text = Field(default=ABSENT, max_length=20, alias="def")
    metadata_: Text | None = Field(default=ABSENT, max_length=20, alias="metadata")
    column_model_config_: Text | None = Field(default=ABSENT, max_length=20, alias="model_config")
    select: Text | None = Field(default=ABSENT, max_length=20)
    from_: Text = Field(default=ABSENT, max_length=20, alias="from")


class ClassRead(BaseModel):
    """One class, as it is stored."""

    model_config = OUTPUT

    id: int
    def_: str = Field(serialization_alias="def")
    metadata_: str | None = Field(serialization_alias="metadata")
    column_model_config_: str | None = Field(serialization_alias="model_config")
    select: str | None
    from_: str = Field(serialization_alias="from")


class ClassQuery(ListQuery):
    """Which classes to list, and in what order."""

    sort: str | None = sorting(["id", "def", "metadata", "model_config", "select", "from"])
    id: Integer | None = None
    def_: Text | None = Field(default=None, alias="def")
    def___contains: Annotated[Fragment | None, CONTAINS] = Field(
        default=None, alias="def__contains"
    )
    metadata_: Text | None = Field(default=None, alias="metadata")
    metadata___contains: Annotated[Fragment | None, CONTAINS] = Field(
        default=None, alias="metadata__contains"
    )
    metadata___isnull: Annotated[bool | None, IS_NULL] = Field(
        default=None, alias="metadata__isnull"
    )
    column_model_config_: Text | None = Field(default=None, alias="model_config")
    column_model_config___contains: Annotated[Fragment | None, CONTAINS] = Field(
        default=None, alias="model_config__contains"
    )
    column_model_config___isnull: Annotated[bool | None, IS_NULL] = Field(
        default=None, alias="model_config__isnull"
    )
    select: Text | None = None
    select__contains: Annotated[Fragment | None, CONTAINS] = None
    select__isnull: Annotated[bool | None, IS_NULL] = None
    from_: Text | None = Field(default=None, alias="from")
    from___contains: Annotated[Fragment | None, CONTAINS] = Field(
        default=None, alias="from__contains"
    )
