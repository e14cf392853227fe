"""The values that columns choose from."""

import enum


class AnotherTableWithAVeryLongNameAnEnumWithANameThatIsAsLongAsPostgresqlWillTakeIt(enum.StrEnum):
    """Values of a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb.an_enum_with_a_name_that_is_as_long_as_postgresql_will_take_it_."""

    ONE = "one"
    TWO = "two"
