"""The tables of the database and the classes that stand for their rows."""

from app.models.a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9 import (
    a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9,
)
from app.models.a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_aa import (
    ATableWithAVeryLongName,
)
from app.models.a_table_with_a_name_as_long_as_postgresql_will_take_it_sixty_bb import (
    AnotherTableWithAVeryLongName,
)
from app.models.enums import (
    AnotherTableWithAVeryLongNameAnEnumWithANameThatIsAsLongAsPostgresqlWillTakeIt,
)

__all__ = [
    "ATableWithAVeryLongName",
    "AnotherTableWithAVeryLongName",
    "AnotherTableWithAVeryLongNameAnEnumWithANameThatIsAsLongAsPostgresqlWillTakeIt",
    "a_table_with_a_name_as_long_as_postgresql_will_take_it_444d4da9",
]
