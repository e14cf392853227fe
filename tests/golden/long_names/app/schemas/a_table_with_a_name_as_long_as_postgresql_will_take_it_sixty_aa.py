"""What the API takes in and shows of a table with a name as long as postgresql will take it sixty aa."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, Text, with_example
from app.core.filters import CONTAINS, IS_NULL, Fragment, ListQuery, sorting


class ATableWithAVeryLongNameCreate(Input):
    """A new a table with a very long name."""

    model_config = with_example(
        {
            "a_column_with_a_name_as_long_as_postgresql_will_take_it_too_aaa": "000001",
            "a_column_with_a_name_as_long_as_postgresql_will_take_it_too_bbb": "000001",
        }
    )

    a_column_with_a_name_as_long_as_postgresql_will_take_it_too_aaa: Text | None = Field(
        default=None, max_length=20
    )
    a_column_with_a_name_as_long_as_postgresql_will_take_it_too_bbb: Text | None = Field(
        default=None, max_length=20
    )


class ATableWithAVeryLongNameUpdate(Input):
    """Changes to one a table with a very long name; what is left out stays as it is."""

    model_config = CHANGES

    a_column_with_a_name_as_long_as_postgresql_will_take_it_too_aaa: Text | None = Field(
        default=ABSENT, max_length=20
    )
    a_column_with_a_name_as_long_as_postgresql_will_take_it_too_bbb: Text | None = Field(
        default=ABSENT, max_length=20
    )


class ATableWithAVeryLongNameRead(BaseModel):
    """One a table with a very long name, as it is stored."""

    model_config = OUTPUT

    id: int
    a_column_with_a_name_as_long_as_postgresql_will_take_it_too_aaa: str | None
    a_column_with_a_name_as_long_as_postgresql_will_take_it_too_bbb: str | None


class ATableWithAVeryLongNameQuery(ListQuery):
    """Which a table with a name as long as postgresql will take it sixty aa to list, and in what order."""

    sort: str | None = sorting(
        [
            "id",
            "a_column_with_a_name_as_long_as_postgresql_will_take_it_too_aaa",
            "a_column_with_a_name_as_long_as_postgresql_will_take_it_too_bbb",
        ]
    )
    id: Integer | None = None
    a_column_with_a_name_as_long_as_postgresql_will_take_it_too_aaa: Text | None = None
    a_column_with_a_name_as_long_as_postgresql_will_take_it_too_aaa__contains: Annotated[
        Fragment | None, CONTAINS
    ] = None
    a_column_with_a_name_as_long_as_postgresql_will_take_it_too_aaa__isnull: Annotated[
        bool | None, IS_NULL
    ] = None
    a_column_with_a_name_as_long_as_postgresql_will_take_it_too_bbb: Text | None = None
    a_column_with_a_name_as_long_as_postgresql_will_take_it_too_bbb__contains: Annotated[
        Fragment | None, CONTAINS
    ] = None
    a_column_with_a_name_as_long_as_postgresql_will_take_it_too_bbb__isnull: Annotated[
        bool | None, IS_NULL
    ] = None
