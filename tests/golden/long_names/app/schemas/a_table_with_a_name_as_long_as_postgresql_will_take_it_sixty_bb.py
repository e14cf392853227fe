"""What the API takes in and shows of a table with a name as long as postgresql will take it sixty bb."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.core.fields import ABSENT, CHANGES, OUTPUT, Input, Integer, with_example
from app.core.filters import IS_NULL, ListQuery, sorting
from app.models.enums import (
    AnotherTableWithAVeryLongNameAnEnumWithANameThatIsAsLongAsPostgresqlWillTakeIt,
)


class AnotherTableWithAVeryLongNameCreate(Input):
    """A new another table with a very long name."""

    model_config = with_example(
        {"an_enum_with_a_name_that_is_as_long_as_postgresql_will_take_it_": "two"}
    )

    a_foreign_key_with_a_name_as_long_as_postgresql_will_take_it_id: Integer | None = None
    an_enum_with_a_name_that_is_as_long_as_postgresql_will_take_it_: (
        AnotherTableWithAVeryLongNameAnEnumWithANameThatIsAsLongAsPostgresqlWillTakeIt | None
    ) = Field(default=None, strict=False)


class AnotherTableWithAVeryLongNameUpdate(Input):
    """Changes to one another table with a very long name; what is left out stays as it is."""

    model_config = CHANGES

    a_foreign_key_with_a_name_as_long_as_postgresql_will_take_it_id: Integer | None = ABSENT
    an_enum_with_a_name_that_is_as_long_as_postgresql_will_take_it_: (
        AnotherTableWithAVeryLongNameAnEnumWithANameThatIsAsLongAsPostgresqlWillTakeIt | None
    ) = Field(default=ABSENT, strict=False)


class AnotherTableWithAVeryLongNameRead(BaseModel):
    """One another table with a very long name, as it is stored."""

    model_config = OUTPUT

    id: int
    a_foreign_key_with_a_name_as_long_as_postgresql_will_take_it_id: int | None
    an_enum_with_a_name_that_is_as_long_as_postgresql_will_take_it_: (
        AnotherTableWithAVeryLongNameAnEnumWithANameThatIsAsLongAsPostgresqlWillTakeIt | None
    )


class AnotherTableWithAVeryLongNameQuery(ListQuery):
    """Which a table with a name as long as postgresql will take it sixty bb to list, and in what order."""

    sort: str | None = sorting(
        [
            "id",
            "a_foreign_key_with_a_name_as_long_as_postgresql_will_take_it_id",
            "an_enum_with_a_name_that_is_as_long_as_postgresql_will_take_it_",
        ]
    )
    id: Integer | None = None
    a_foreign_key_with_a_name_as_long_as_postgresql_will_take_it_id: Integer | None = None
    a_foreign_key_with_a_name_as_long_as_postgresql_will_take_it_id__isnull: Annotated[
        bool | None, IS_NULL
    ] = None
    an_enum_with_a_name_that_is_as_long_as_postgresql_will_take_it_: (
        AnotherTableWithAVeryLongNameAnEnumWithANameThatIsAsLongAsPostgresqlWillTakeIt | None
    ) = None
    an_enum_with_a_name_that_is_as_long_as_postgresql_will_take_it___isnull: Annotated[
        bool | None, IS_NULL
    ] = None
